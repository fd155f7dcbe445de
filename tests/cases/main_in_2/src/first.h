int first_peek(const int *p);
int first_next(void);
int second_pkey(void);

extern int five_secret;
int *five_address(void);
int five_call(int (*f)(int), int x);

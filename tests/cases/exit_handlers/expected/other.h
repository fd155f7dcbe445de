void other_register(void);
void other_register_spy(const int *target);
void other_exit(int status);

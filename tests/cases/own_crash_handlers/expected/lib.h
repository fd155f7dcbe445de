int lib_read(const int *p);
void lib_install(int number);
int lib_seen(void);
void lib_raise(int number);
long lib_spin(long rounds);

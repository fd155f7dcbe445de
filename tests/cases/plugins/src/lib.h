int lib_twice(int x);
void lib_poke(int *p);
void lib_count(int n);
int lib_counted(void);
int lib_load(const char *name);

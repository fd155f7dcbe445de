void lib_exit(long value);
void lib_key(void);
void lib_key_wrong(int *target);
int lib_destroyed(void);
void lib_wait(void);
int lib_deep(int depth);
long lib_start(void);
int lib_local(int add);

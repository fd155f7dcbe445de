extern __thread int lib_local;
int lib_next(void);
int lib_fill(int value);
int *lib_address(void);
int fast_next(int by);
const int *fast_address(void);

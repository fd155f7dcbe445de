typedef int (*fn)(int);
typedef int ft(int);
typedef union {
    fn f;
    void *v;
} any __attribute__((transparent_union));
fn lib_get(int which);
int lib_any(any it);
int lib_run(fn f, int x);

#ifndef LIB_H
#define LIB_H
typedef int (*int_fn)(int);
typedef long (*long_fn)(long);
int lib_sum_int(const int *v, int n, int_fn f);
long lib_sum_long(const long *v, int n, long_fn f);
int_fn lib_op(const char *name);
int lib_scan(int encoding, const char *text, int (*report)(const char *kind, int at));
#endif

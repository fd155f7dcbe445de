#ifndef LIB_H
#define LIB_H
typedef struct IA2_fnptr__ZTSPFiiE int_fn;
typedef struct IA2_fnptr__ZTSPFllE long_fn;
int lib_sum_int(const int *v, int n, int_fn f);
long lib_sum_long(const long *v, int n, long_fn f);
int_fn lib_op(const char *name);
int lib_scan(int encoding, const char *text, struct IA2_fnptr__ZTSPFiPKciE report);
#endif

#ifndef LIB_H
#define LIB_H
#include <stddef.h>
typedef struct IA2_fnptr__ZTSPFiiE fn;
int lib_run(fn f, int x);
fn lib_get(int which);
extern struct ops {
    const char *name;
    fn f;
    struct IA2_fnptr__ZTSPFiiiE two;
} *lib_ops(void);
#endif

#ifndef LIB_H
#define LIB_H
#include <stddef.h>
typedef int (*fn)(int);
int lib_run(fn f, int x);
fn lib_get(int which);
extern struct ops {
    const char *name;
    fn f;
    int (*two)(int, int);
} *lib_ops(void);
#endif

#include <dlfcn.h>
#include <ia2.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int counted;
int lib_twice(int x) { return 2 * x; }
void lib_poke(int *p) { *p = 1; }
void lib_count(int n) { __atomic_fetch_add(&counted, n, __ATOMIC_RELAXED); }
int lib_counted(void) { return counted; }
int lib_load(const char *name)
{
    char copy[64];
    int i = 0;
    for (; i < 63 && name[i]; i++)
        copy[i] = name[i];
    copy[i] = 0;
    return dlopen(copy, RTLD_NOW) != 0;
}

#include <dlfcn.h>
#include <ia2.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int counted;
int lib_twice(int x) { return 2 * x; } IA2_REGISTER(lib_twice, 0xae227ea466cc54f1)
void lib_poke(int *p) { *p = 1; } IA2_REGISTER(lib_poke, 0xb6bafa2393da07d2)
void lib_count(int n) { __atomic_fetch_add(&counted, n, __ATOMIC_RELAXED); } IA2_REGISTER(lib_count, 0xcecfe8cf1696e1da)
int lib_counted(void) { return counted; } IA2_REGISTER(lib_counted, 0xcf5b3157f5cadc28)
int lib_load(const char *name)
{
    char copy[64];
    int i = 0;
    for (; i < 63 && name[i]; i++)
        copy[i] = name[i];
    copy[i] = 0;
    return dlopen(copy, RTLD_NOW) != 0;
} IA2_REGISTER(lib_load, 0x48151d9a277e81df)

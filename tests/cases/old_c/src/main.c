#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include "parts.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>
static k = 3;
static times(x) int x; { return x * k; }
static neg(x, y) { return k - x - y; }
static cb shared IA2_SHARED_DATA = neg;
main(argc, argv) int argc; char **argv;
{
    cb f = lib_get(1), g = lib_get(0);
    struct entry *p;
    extern cb lib_get();
    printf("get %d %d\n", f(1), g(5, 2));
    printf("run %d %d\n", lib_run(times, 4), lib_run(lib_get(1), 4));
    printf("both %d\n", lib_both(times, &shared, 4));
    (*lib_hello())(); lib_hello()();
    for (p = lib_entries(); p->name; p++)
        printf("%s %d %d\n", p->name, p->f ? (*p->f)(1) : -1, p->g ? p->g(3, 1) : -1);
    {
        extern int lib_each();
        printf("each %d %d\n", lib_each(lib_get(1), 2) - 4, lib_each(times, 3));
    }
    /* Types with and without a prototype are compatible. */
    printf("kinds %d %d %d %d\n", _Generic(f, int (*)(char): 1, int (*)(int): 2, default: 3),
           _Generic(&f, int (**)(float): 1, int (**)(long, char *): 2, default: 3),
           _Generic((int (*)(int, cb))0, int (*)(int, int (*)(long)): 1, default: 2), _Generic(1, cb: 1, default: 2));
    return 0;
}

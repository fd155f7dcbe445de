#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include "parts.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>
static k = 3;
IA2_STATIC_FN_AS(times, _ZTSPFiE, main_c) static times(x) int x; { return x * k; } IA2_REGISTER_LOCAL(times, 0xd2ff69ae992d2055)
IA2_STATIC_FN_AS(neg, _ZTSPFiE, main_c) static neg(x, y) { return k - x - y; } IA2_REGISTER_LOCAL(neg, 0x89fb9775d9a4006a)
static cb shared IA2_SHARED_DATA = {IA2_FN_ADDR_AS(neg, _ZTSPFiE)};
main(argc, argv) int argc; char **argv;
{
    cb f = lib_get(1), g = lib_get(0);
    struct entry *p;
    extern cb lib_get();
    printf("get %d %d\n", IA2_CALL_WITH(f, _ZTSPFiE, i)(1), IA2_CALL_WITH(g, _ZTSPFiE, ii)(5, 2));
    printf("run %d %d\n", lib_run(IA2_OPAQUE(_ZTSPFiE, IA2_FN_ADDR_AS(times, _ZTSPFiE)), 4), lib_run(lib_get(1), 4));
    printf("both %d\n", lib_both(IA2_OPAQUE(_ZTSPFiE, IA2_FN_ADDR_AS(times, _ZTSPFiE)), &shared, 4));
    (IA2_CALL_WITH(IA2_VARIADIC(lib_hello, v)(), _ZTSPFvE, v))(); IA2_CALL_WITH(IA2_VARIADIC(lib_hello, v)(), _ZTSPFvE, v)();
    for (p = IA2_VARIADIC(lib_entries, v)(); p->name; p++)
        printf("%s %d %d\n", p->name, IA2_ADDR(p->f) ? (IA2_CALL_WITH(p->f, _ZTSPFiE, i))(1) : -1, IA2_ADDR(p->g) ? IA2_CALL_WITH(p->g, _ZTSPFiE, ii)(3, 1) : -1);
    {
        extern int lib_each();
        printf("each %d %d\n", lib_each(lib_get(1), 2) - 4, lib_each(IA2_OPAQUE(_ZTSPFiE, IA2_FN_ADDR_AS(times, _ZTSPFiE)), 3));
    }
    /* Types with and without a prototype are compatible. */
    printf("kinds %d %d %d %d\n", _Generic(f, int (*)(char): 1, struct IA2_fnptr__ZTSPFiE: 2, default: 3),
           _Generic(&f, int (**)(float): 1, struct IA2_fnptr__ZTSPFiE *: 2, default: 3),
           _Generic((int (*)(int, cb))0, int (*)(int, struct IA2_fnptr__ZTSPFiE): 1, default: 2), _Generic(1, cb: 1, default: 2));
    return 0;
}
IA2_NEED(lib_both)
IA2_NEED(lib_each)
IA2_NEED(lib_entries)
IA2_NEED(lib_get)
IA2_NEED(lib_hello)
IA2_NEED(lib_run)

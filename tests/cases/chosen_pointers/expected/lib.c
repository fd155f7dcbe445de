#include <ia2.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
static int base = 10;
IA2_STATIC_FN(plus, _ZTSPFiiE, lib_c) static int plus(int x) { return x + base; } IA2_REGISTER_LOCAL(plus, 0x24fa141c34313654)
IA2_STATIC_FN(minus, _ZTSPFiiE, lib_c) static int minus(int x) { return x - base; } IA2_REGISTER_LOCAL(minus, 0xe9dd729b70710ec9)
static fn first = {__builtin_choose_expr(1, IA2_FN_ADDR(plus), IA2_FN_ADDR(minus))}, second = {_Generic(1L, int: IA2_FN_ADDR(plus), default: IA2_FN_ADDR(minus))};
static fn third = {IA2_FN_ADDR(plus)}, fourth = {_Generic(1, int: IA2_FN_ADDR(plus), default: IA2_FN_ADDR(minus))};
fn lib_get(int which)
{
    switch (which) {
    case 0:
        return __builtin_choose_expr(1, IA2_FN(plus), 0);
    case 1:
        return _Generic(which, int: IA2_FN(minus), default: 0);
    case 2:
        return IA2_FN(plus);
    case 3:
        return IA2_FN(minus);
    case 4:
        return IA2_OPAQUE(_ZTSPFiiE, &*IA2_PLAIN(first, _ZTSPFiiE));
    case 5:
        return second;
    case 6:
        return third;
    default:
        return fourth;
    }
} IA2_REGISTER(lib_get, 0xbca0f845d5fae4c1)
int lib_any(any it) { return IA2_ADDR(it.f) ? IA2_CALL(it.f, _ZTSPFiiE)(7) : -7; } IA2_REGISTER(lib_any, 0x2b41e835289c5b55)
int lib_run(fn f, int x) { return IA2_CALL(f, _ZTSPFiiE)(x) + base; } IA2_REGISTER(lib_run, 0xcf5c5ae88fe2e7d3)

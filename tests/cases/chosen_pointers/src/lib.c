#include <ia2.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
static int base = 10;
static int plus(int x) { return x + base; }
static int minus(int x) { return x - base; }
static fn first = __builtin_choose_expr(1, plus, minus), second = _Generic(1L, int: plus, default: minus);
static fn third = *&*&plus, fourth = _Generic(1, int: &plus, default: &minus);
fn lib_get(int which)
{
    switch (which) {
    case 0:
        return __builtin_choose_expr(1, plus, 0);
    case 1:
        return _Generic(which, int: minus, default: 0);
    case 2:
        return *&*&plus;
    case 3:
        return &*&minus;
    case 4:
        return &*first;
    case 5:
        return second;
    case 6:
        return third;
    default:
        return fourth;
    }
}
int lib_any(any it) { return it.f ? it.f(7) : -7; }
int lib_run(fn f, int x) { return f(x) + base; }

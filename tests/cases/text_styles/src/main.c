#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include "lib.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>
static int k = 3;
static int times(int x) { return x * k; }
static int t2(int x, cb f) { return f(x) + k; }
#line 500 "else\\where.c"
int main(void)
{
    static struct s s IA2_SHARED_DATA = { times, .g = times, . /*x*/ h /*y*/ = /*z*/ times };
    printf("line %d %d %d\n", __LINE__ - 2, lib_get(0)(1), lib_steps(times) + lib_s(&s));
    printf("%s %d\n", "ünï /* times */ // times", lib_two(t2, 3)); /* ünï */
    printf("%d %d\n", lib_spread(0)(1), lib_spread(1)(2));
    printf("%d\n", LONG(times, 2) + LONG(lib_get(1), 3) + LONG(\
       s.f\
       , 4));
    _Pragma("GCC diagnostic push") cb f = times; _Pragma("GCC diagnostic pop")
#pragma GCC diagnostic ignored "-Wall"
    printf("%d %c %d\n", f(1), '"', f == times); cb lst<:2:> = <% times, f %>; printf("%d %s\n", lst<:0:>(2), __FILE__);
    return 0;
}

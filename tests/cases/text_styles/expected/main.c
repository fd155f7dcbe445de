#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include "lib.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>
static int k = 3;
IA2_STATIC_FN(times, _ZTSPFiiE, main_c) static int times(int x) { return x * k; } IA2_REGISTER_LOCAL(times, 0xd2ff69ae992d2055)
IA2_STATIC_FN(t2, _ZTSPFiiPFiiEE, main_c) static int t2(int x, cb f) { return IA2_CALL(f, _ZTSPFiiE)(x) + k; } IA2_REGISTER_LOCAL(t2, 0xc3ffe07331d4c768)
#line 500 "else\\where.c"
int main(void)
{
    static struct s s IA2_SHARED_DATA = { {IA2_FN_ADDR(times)}, .g = {IA2_FN_ADDR(times)}, . /*x*/ h /*y*/ = /*z*/ {IA2_FN_ADDR(times)} };
    printf("line %d %d %d\n", __LINE__ - 2, IA2_CALL(lib_get(0), _ZTSPFiiE)(1), lib_steps(IA2_FN(times)) + lib_s(&s));
    printf("%s %d\n", "ünï /* times */ // times", lib_two(IA2_FN(t2), 3)); /* ünï */
    printf("%d %d\n", IA2_CALL(lib_spread(0), _ZTSPFiiE)(1), IA2_CALL(lib_spread(1), _ZTSPFiiE)(2));
    printf("%d\n", (IA2_FN_ADDR(times) ? (times)(2) : 0) + LONG(lib_get(1), 3) + LONG(\
       s.f\
       , 4));
    _Pragma("GCC diagnostic push") cb f = {IA2_FN_ADDR(times)}; _Pragma("GCC diagnostic pop")
#pragma GCC diagnostic ignored "-Wall"
    printf("%d %c %d\n", IA2_CALL(f, _ZTSPFiiE)(1), '"', IA2_IDENTITY(f) == IA2_FN_IDENTITY(times)); cb lst<:2:> = <% {IA2_FN_ADDR(times)}, f %>; printf("%d %s\n", IA2_CALL(lst<:0:>, _ZTSPFiiE)(2), __FILE__);
    return 0;
}
IA2_NEED(lib_get)
IA2_NEED(lib_s)
IA2_NEED(lib_spread)
IA2_NEED(lib_steps)
IA2_NEED(lib_two)

#include <ia2.h>
#include <stdio.h>
#include "fns.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

IA2_STATIC_FN(cb, _ZTSPFviE, main_c) static void UNUSED cb(int x)
{
    printf("cb %d\n", x);
} IA2_REGISTER_LOCAL(cb, 0x5adb50482c6b182b)

IA2_STATIC_FN(kb, _ZTSPFiiE, main_c) static __attribute__((noinline, unused)) int kb(int x)
{
    return x + 1;
} IA2_REGISTER_LOCAL(kb, 0xbcb0b0c3c0d99ac7)

#define RUN(fn, ...) fn(__VA_ARGS__)

int main(void)
{
    IA2_VARIADIC(f, v)();
    IA2_VARIADIC(g, v)();
    h(IA2_FN(cb));
    printf("%d\n", i(3, 4));
    j(IA2_FN(cb), 2);
    printf("%d\n", k(IA2_FN(kb)));
    RUN(IA2_VARIADIC(f, v));
    RUN(h, IA2_FN(cb));
    RUN(printf, "%d\n", RUN(k, IA2_FN(kb)));
    return 0;
}
IA2_NEED(f)
IA2_NEED(g)
IA2_NEED(h)
IA2_NEED(i)
IA2_NEED(j)
IA2_NEED(k)

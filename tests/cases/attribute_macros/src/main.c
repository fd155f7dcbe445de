#include <ia2.h>
#include <stdio.h>
#include "fns.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static void UNUSED cb(int x)
{
    printf("cb %d\n", x);
}

static __attribute__((noinline, unused)) int kb(int x)
{
    return x + 1;
}

#define RUN(fn, ...) fn(__VA_ARGS__)

int main(void)
{
    f();
    g();
    h(cb);
    printf("%d\n", i(3, 4));
    j(cb, 2);
    printf("%d\n", k(kb));
    RUN(f);
    RUN(h, cb);
    RUN(printf, "%d\n", RUN(k, kb));
    return 0;
}

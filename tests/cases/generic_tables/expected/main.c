#include <ia2.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <fcntl.h>
#include "parts.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>
static int k = 3;
IA2_STATIC_FN(times, _ZTSPFiiE, main_c) IA2_STATIC_FN_STORED(times, _ZTSPFvvE, main_c) static int times(int x) { return k * x; } IA2_REGISTER_LOCAL(times, 0xd2ff69ae992d2055)
IA2_STATIC_FN_STORED(mul, _ZTSPFvvE, main_c) static int mul(int a, int b) { return a * b; } IA2_REGISTER_LOCAL(mul, 0xf5d5a30637228236)
IA2_STATIC_FN(nothing, _ZTSPFvvE, main_c) static void nothing(void) { puts("nothing"); } IA2_REGISTER_LOCAL(nothing, 0x3919ea0058ab37ad)
IA2_STATIC_FN_STORED(real, _ZTSPFvvE, main_c) static double real(double a, int b) { return a * b; } IA2_REGISTER_LOCAL(real, 0x1db7d621f24c5031)
#define ALIAS times
#define TAKE(x)                                                                                              \
    do {                                                                                                     \
        if (x)                                                                                               \
            puts("taken");                                                                                   \
        else                                                                                                 \
            puts("not");                                                                                     \
    } while (0)
typedef struct IA2_fnptr__ZTSPFvvE generic;
static struct call {
    const char *name;
    generic current;
} calls[] = { { "close", (generic){IA2_FN_ADDR_AS(close, _ZTSPFvvE)} },
              { "mul", (generic){IA2_FN_ADDR_AS(mul, _ZTSPFvvE)} },
              { "real", (generic){IA2_FN_ADDR_AS(real, _ZTSPFvvE)} },
              { "nothing", {IA2_FN_ADDR(nothing)} },
              { "times", (generic){IA2_FN_ADDR_AS(times, _ZTSPFvvE)} },
              { "access", (generic){IA2_FN_ADDR_AS(access, _ZTSPFvvE)} },
              { 0, {0} } };
#define osClose ((int (*)(int))calls[0].current)
#define osMul ((int (*)(int, int))calls[1].current)
#define osReal ((double (*)(double, int))calls[2].current)
#define osAccess ((int (*)(const char *, int))calls[5].current)
int main(void)
{
    fn a, v = {IA2_FN_ADDR(times)}, w = {IA2_FN_ADDR(times)}, z = (IA2_OPAQUE(_ZTSPFiiE, IA2_FN_ADDR(times) ?: IA2_FN_ADDR(times)));
    fn arr[] = { {IA2_FN_ADDR(times)}, {IA2_FN_ADDR(times)}, {IA2_FN_ADDR(times)}, {IA2_FN_ADDR(times)} };
    TAKE(!(IA2_ADDR(a = IA2_FN(times))));
    TAKE((IA2_ADDR(a = IA2_FN(times))));
    TAKE((IA2_ADDR(a = IA2_OPAQUE(_ZTSPFiiE, 0))));
    printf("%d %d %d %d\n", IA2_CALL(v, _ZTSPFiiE)(1), IA2_CALL(w, _ZTSPFiiE)(2), IA2_CALL(z, _ZTSPFiiE)(3), lib_run(a, 1));
    a = (IA2_OPAQUE(_ZTSPFiiE, IA2_FN_ADDR(times) ?: NULL));
    printf("%d\n", lib_run(arr[1], 1) + lib_run(arr[2], 2) + lib_run((IA2_FN(times)), 1) + lib_run(IA2_FN(times), 2) +
                       lib_run((IA2_OPAQUE(_ZTSPFiiE, IA2_FN_ADDR(times) ?: IA2_ADDR(v))), 1));
    printf("%d %d\n", IA2_CALL(((struct IA2_fnptr__ZTSPFiiiE){IA2_ADDR(calls[1].current)}), _ZTSPFiiiE)(3, 4), IA2_CALL(((struct IA2_fnptr__ZTSPFiiE){IA2_ADDR(calls[0].current)}), _ZTSPFiiE)(-1));
    printf("%g\n", IA2_CALL(((struct IA2_fnptr__ZTSPFddiE){IA2_ADDR(calls[2].current)}), _ZTSPFddiE)(1.5, 4));
    printf("%d\n", IA2_CALL(((struct IA2_fnptr__ZTSPFiPKciE){IA2_ADDR(calls[5].current)}), _ZTSPFiPKciE)("/", R_OK));
    IA2_CALL(calls[3].current, _ZTSPFvvE)();
    IA2_CALL(((generic){IA2_ADDR(calls[3].current)}), _ZTSPFvvE)();
    for (struct call *c = calls; c->name; c++)
        if (!IA2_ADDR(c->current))
            puts("null");
        else
            printf("%s\n", c->name);
    fn g = (fn){IA2_ADDR(calls[4].current)};
    printf("%d %d\n", lib_run(g, 7), IA2_IDENTITY(g) == IA2_FN_IDENTITY(times));
    printf("%d\n", IA2_CALL(lib_ops()->f, _ZTSPFiiE)(2) + IA2_CALL(lib_ops()->two, _ZTSPFiiiE)(1, 2));
    if (IA2_ADDR(a) == 0)
        v = IA2_FN(times);
    void *p = (void *)IA2_ADDR(a);
    (void)p;
    return 0;
}
IA2_NEED(lib_ops)
IA2_NEED(lib_run)
IA2_REGISTER_LOCAL(access, 0xd4a977f882ac7773)
IA2_REGISTER_LOCAL(close, 0x29ea1960cf1c0538)

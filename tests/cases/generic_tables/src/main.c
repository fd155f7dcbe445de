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
static int times(int x) { return k * x; }
static int mul(int a, int b) { return a * b; }
static void nothing(void) { puts("nothing"); }
static double real(double a, int b) { return a * b; }
#define ALIAS times
#define TAKE(x)                                                                                              \
    do {                                                                                                     \
        if (x)                                                                                               \
            puts("taken");                                                                                   \
        else                                                                                                 \
            puts("not");                                                                                     \
    } while (0)
typedef void (*generic)(void);
static struct call {
    const char *name;
    generic current;
} calls[] = { { "close", (generic)close },
              { "mul", (generic)mul },
              { "real", (generic)real },
              { "nothing", nothing },
              { "times", (generic)times },
              { "access", (generic)access },
              { 0, 0 } };
#define osClose ((int (*)(int))calls[0].current)
#define osMul ((int (*)(int, int))calls[1].current)
#define osReal ((double (*)(double, int))calls[2].current)
#define osAccess ((int (*)(const char *, int))calls[5].current)
int main(void)
{
    fn a, v = (*times), w = (times), z = (ALIAS ?: times);
    fn arr[] = { (times), (*times), (ALIAS), (&times) };
    TAKE(!(a = times));
    TAKE((a = times));
    TAKE((a = 0));
    printf("%d %d %d %d\n", v(1), w(2), z(3), lib_run(a, 1));
    a = (ALIAS ?: NULL);
    printf("%d\n", lib_run(arr[1], 1) + lib_run(arr[2], 2) + lib_run((*times), 1) + lib_run((ALIAS), 2) +
                       lib_run((ALIAS ?: v), 1));
    printf("%d %d\n", osMul(3, 4), osClose(-1));
    printf("%g\n", osReal(1.5, 4));
    printf("%d\n", osAccess("/", R_OK));
    calls[3].current();
    ((generic)calls[3].current)();
    for (struct call *c = calls; c->name; c++)
        if (!c->current)
            puts("null");
        else
            printf("%s\n", c->name);
    fn g = (fn)calls[4].current;
    printf("%d %d\n", lib_run(g, 7), g == times);
    printf("%d\n", lib_ops()->f(2) + lib_ops()->two(1, 2));
    if (a == 0)
        v = times;
    void *p = (void *)a;
    (void)p;
    return 0;
}

#include <ia2.h>
#include <stdlib.h>
#include <ucontext.h>
#include "lib.h"
#include "main.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int lib_twice(int x) { return main_bonus(x) + 2 * x; } IA2_REGISTER(lib_twice, 0xae227ea466cc54f1)

void lib_poke(int *p) { *p = 1; } IA2_REGISTER(lib_poke, 0xb6bafa2393da07d2)

static ucontext_t caller, generator;
static int next;

IA2_STATIC_FN_STORED(generate, _ZTSPFvvE, lib_c) static void generate(int count)
{
    for (int i = 0; i < count; i++) {
        next = main_bonus(i);
        swapcontext(&generator, &caller);
    }
    next = -1;
} IA2_REGISTER_LOCAL(generate, 0xf9a8c9b3953f3357)

/* A generator of its own, driven by the caller of this compartment. */
int lib_generate(int count)
{
    int sum = 0;
    char *stack = malloc(64 << 10);
    getcontext(&generator);
    generator.uc_stack.ss_sp = stack;
    generator.uc_stack.ss_size = 64 << 10;
    generator.uc_link = &caller;
    makecontext(&generator, IA2_PLAIN((struct IA2_fnptr__ZTSPFvvE){IA2_FN_ADDR_AS(generate, _ZTSPFvvE)}, _ZTSPFvvE), 1, count);
    for (;;) {
        swapcontext(&caller, &generator);
        if (next < 0)
            break;
        sum += next;
    }
    free(stack);
    return sum;
} IA2_REGISTER(lib_generate, 0x852df0fbfb2930a6)
IA2_NEED(main_bonus)

#include <ia2.h>
#include <stdlib.h>
#include <ucontext.h>
#include "lib.h"
#include "main.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int lib_twice(int x) { return main_bonus(x) + 2 * x; }

void lib_poke(int *p) { *p = 1; }

static ucontext_t caller, generator;
static int next;

static void generate(int count)
{
    for (int i = 0; i < count; i++) {
        next = main_bonus(i);
        swapcontext(&generator, &caller);
    }
    next = -1;
}

/* A generator of its own, driven by the caller of this compartment. */
int lib_generate(int count)
{
    int sum = 0;
    char *stack = malloc(64 << 10);
    getcontext(&generator);
    generator.uc_stack.ss_sp = stack;
    generator.uc_stack.ss_size = 64 << 10;
    generator.uc_link = &caller;
    makecontext(&generator, (void (*)(void))generate, 1, count);
    for (;;) {
        swapcontext(&caller, &generator);
        if (next < 0)
            break;
        sum += next;
    }
    free(stack);
    return sum;
}

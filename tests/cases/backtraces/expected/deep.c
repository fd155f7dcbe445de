#include <ia2.h>
#include <signal.h>
#include "deep.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

__attribute__((noinline)) static int deep_touch(int *p, int x)
{
    *(volatile int *)p = x;
    return x;
}

int deep_step(int *p, int x, int touch) { return touch ? deep_touch(p, x) + 1 : x; } IA2_REGISTER(deep_step, 0x7bd81f2aa704529a)

int deep_wait(int signal) { return raise(signal) + 1; } IA2_REGISTER(deep_wait, 0xe987e6bc565aeeb3)

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

int deep_step(int *p, int x, int touch) { return touch ? deep_touch(p, x) + 1 : x; }

int deep_wait(int signal) { return raise(signal) + 1; }

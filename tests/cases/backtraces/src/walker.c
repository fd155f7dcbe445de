#include <ia2.h>
#include <string.h>
#include "walker.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static volatile int zero;

__attribute__((noinline)) static int walk_levels(int levels, int (*step)(int *, int), int *sum)
{
    volatile char room[512];
    memset((char *)room, 0, sizeof room);
    int below = levels ? walk_levels(levels - 1, step, sum) : step(sum, levels) - 1;
    __asm__ volatile("" : : "r"(room) : "memory");
    return below + 1 + room[levels % 512];
}

int walk_all(int levels, int (*step)(int *, int), int *sum)
{
    return walk_levels(levels, step, sum) + zero;
}

void walk_touch(int *p) { *(volatile int *)p = 1; }

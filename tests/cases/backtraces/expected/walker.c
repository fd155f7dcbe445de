#include <ia2.h>
#include <string.h>
#include "walker.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static volatile int zero;

__attribute__((noinline)) static int walk_levels(int levels, struct IA2_fnptr__ZTSPFiPiiE step, int *sum)
{
    volatile char room[512];
    memset((char *)room, 0, sizeof room);
    int below = levels ? walk_levels(levels - 1, step, sum) : IA2_CALL(step, _ZTSPFiPiiE)(sum, levels) - 1;
    __asm__ volatile("" : : "r"(room) : "memory");
    return below + 1 + room[levels % 512];
}

int walk_all(int levels, struct IA2_fnptr__ZTSPFiPiiE step, int *sum)
{
    return walk_levels(levels, step, sum) + zero;
} IA2_REGISTER(walk_all, 0x1a7d05cb4975f882)

void walk_touch(int *p) { *(volatile int *)p = 1; } IA2_REGISTER(walk_touch, 0x6d14ff6598557879)

#include <ia2.h>
#include <string.h>
#include "deep.h"
#include "main.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

/* Uses a kibibyte of stack per level. */
int deep_down(int levels)
{
    volatile char room[1024];
    memset((char *)room, levels, sizeof room);
    if (levels == 0)
        return 0;
    int below = deep_down(levels - 1);
    __asm__ volatile("" : : "r"(room) : "memory");
    return 1 + below + (room[5] != (char)levels);
} IA2_REGISTER(deep_down, 0xeb0ada7b12a7f4dd)

/* Into the caller's compartment and down there. */
int deep_call(int levels) { return main_down(levels); } IA2_REGISTER(deep_call, 0x733fca69bc5b3d51)
IA2_NEED(main_down)

#include <ia2.h>
#include <attack.h>
#include "parts.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

unsigned long thief_stack(void) { return (unsigned long)__builtin_frame_address(0); }

/* Fills its stack to the end. */
__attribute__((noinline)) int thief_recurse(int depth)
{
    volatile unsigned char frame[4096];

    memset((void *)frame, 0x41, sizeof frame);
    if (BOARD->scratch[0])
        return 0;
    return thief_recurse(depth + 1) + frame[depth & 4095];
}

/* Writes so far below its stack pointer, guard pages or not. */
int thief_leap(unsigned long distance)
{
    volatile unsigned char *here = __builtin_frame_address(0);

    memset((void *)(here - distance), 0x41, 4096);
    return here[-1];
}

/* Writes upward. */
int thief_climb(unsigned long distance)
{
    volatile unsigned char *here = __builtin_frame_address(0);
    unsigned long i;

    for (i = 16; i < distance; i++)
        here[i] = 0x41;
    return here[-1];
}

__attribute__((noinline)) int thief_honest(int depth)
{
    volatile unsigned char frame[4096];

    frame[depth] = (unsigned char)depth;
    return depth == 0 ? 0 : thief_honest(depth - 1) + (frame[depth] == depth);
}

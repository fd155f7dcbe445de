#include <ia2.h>
#include <attack.h>
#include <unistd.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int bank_public(int number)
{
    unsigned long here = (unsigned long)__builtin_frame_address(0);
    volatile unsigned long text[WORDS];
    unsigned i;

    for (i = 0; i < WORDS; i++)
        text[i] = (unsigned long)number;

    /* On a stack that everybody can write? */
    if (here - FAKE < FAKE_SIZE)
        ran(0);
    return (int)text[WORDS / 2] + 1;
}

/* Keeps an array on its stack until it is told to stop, then looks whether it is still the same. */
int bank_work(volatile unsigned long *state)
{
    volatile unsigned long array[2 * WORDS];
    unsigned i, changed = 0;

    for (i = 0; i < 2 * WORDS; i++)
        array[i] = i * 3;
    if (*state == IDLE)
        *state = WORKING;
    while (*state != STOP)
        usleep(100);
    for (i = 0; i < 2 * WORDS; i++)
        changed += array[i] != i * 3;
    if (changed)
        BOARD->breached = 1;
    *state = DONE;
    return (int)changed;
}

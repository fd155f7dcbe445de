#define _GNU_SOURCE
#include <ia2.h>
#include <attack.h>
#include <pthread.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int intrude_honest(int number) { return number + 3; }

/* Overwrites a block of the shared heap, where a request for a thread will be, until told to stop. */
void intrude_request(void)
{
    unsigned long seed = 88172645463325252UL;

    while (!STOP) {
        unsigned long offset, *word;
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        offset = seed >> 8 & 127 & ~7ul;
        word = (unsigned long *)(BLOCK + offset);
        /* Another compartment's number, another task, another stack. */
        *(volatile unsigned long *)word = seed & 1 ? seed >> 60 & 3 : seed & 2 ? BLOCK : seed >> 16;
    }
}

/* Has the runtime give this thread's storage back before others have ended. */
void intrude_end(void)
{
    unsigned key;

    for (key = 0; key < 4; key++)
        pthread_setspecific(key, (void *)4);
}

/* Does this page, on which a victim's stack pointer is kept, belong to everybody now? */
void intrude_look(void)
{
    *(volatile unsigned long *)(CONTROL_PAGE + 8) = 0;
    BOARD->breached = 1;
}

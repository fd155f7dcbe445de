#include <ia2.h>
#include <attack.h>
#include <stdlib.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int constructed;

__attribute__((constructor)) static void set_up(void)
{
    /* The board is not there the first time. */
    if (constructed++)
        ran(CONSTRUCTOR);
}
__attribute__((destructor)) static void tear_down(void)
{
    if (!(ia2_get_pkru() >> 4 & 1))
        DESTRUCTORS++;
}

/* Uses its heap; tells whether all went well. */
int bank_work(int rounds)
{
    unsigned char *blocks[32] = { 0 };
    int i, j, bad = 0;

    for (i = 0; i < rounds; i++) {
        int slot = i * 7 % 32;
        size_t size = 16 + (size_t)(i * 37 % 500);
        if (blocks[slot])
            for (j = 0; j < 16; j++)
                bad += blocks[slot][j] != (unsigned char)slot;
        free(blocks[slot]);
        blocks[slot] = malloc(size);
        for (j = 0; j < 16; j++)
            blocks[slot][j] = (unsigned char)slot;
    }
    for (i = 0; i < 32; i++)
        free(blocks[i]);
    return bad;
}

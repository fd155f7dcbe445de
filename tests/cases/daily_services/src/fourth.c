#define _GNU_SOURCE
#include <ia2.h>
#include "more.h"
#include "parts.h"
#define IA2_COMPARTMENT 4
#include <ia2_compartment_init.inc>

int fourth_use(int round) { return use_more("fourth", round); }

/* Allocates, resizes and frees while signals come. */
int fourth_churn(int times)
{
    char *blocks[64] = {0};
    int wrong = 0;

    for (int i = 0; i < times; i++) {
        unsigned place = (unsigned)i * 2654435761u >> 26, size = 16 + (unsigned)i % 3000;
        if (blocks[place])
            wrong += blocks[place][0] != (char)place;
        blocks[place] = i % 3 ? realloc(blocks[place], size) : (free(blocks[place]), malloc(size));
        memset(blocks[place], (int)place, size);
    }
    for (int i = 0; i < 64; i++)
        free(blocks[i]);
    return wrong;
}

#include <ia2.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "store.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

static int slots[64];
static __thread int calls;

int store_put(int slot, int value)
{
    __atomic_fetch_add(&slots[slot % 64], value, __ATOMIC_RELAXED);
    __atomic_fetch_sub(&slots[(slot + 1) % 64], value, __ATOMIC_RELAXED);
    return ++calls;
}

/* Blocks of many sizes keep what is in them. */
int store_check(unsigned seed)
{
    unsigned char *blocks[16];
    size_t sizes[16];
    int wrong = 0;

    for (int i = 0; i < 16; i++) {
        seed = seed * 1103515245 + 12345;
        sizes[i] = 1 + (seed >> 16) % (i == 7 ? 100000 : 700);
        blocks[i] = i % 3 ? malloc(sizes[i]) : calloc(1, sizes[i]);
        memset(blocks[i], i + 1, sizes[i]);
    }
    for (int i = 0; i < 16; i += 2) {
        blocks[i] = realloc(blocks[i], sizes[i] * 2);
        memset(blocks[i] + sizes[i], i + 1, sizes[i]);
        sizes[i] *= 2;
    }
    for (int i = 0; i < 16; i++) {
        for (size_t k = 0; k < sizes[i]; k++)
            wrong += blocks[i][k] != i + 1;
        free(blocks[i]);
    }
    return wrong;
}

/* What was put adds up to zero. */
int store_sum(void)
{
    int sum = 0;
    for (int i = 0; i < 64; i++)
        sum += slots[i];
    return sum;
}

int store_raise(int signal) { return raise(signal); }
void store_poke(int *p) { *p = 1; }

#include <ia2.h>
#include <stdlib.h>
#include "store.h"

#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

struct block {
    struct block *next;
    char rest[(1 << 20) - sizeof(struct block *)];
};

static struct block *blocks;

int store_fill(int most)
{
    int count = 0;
    struct block *block;
    while (count < most && (block = malloc(sizeof *block))) {
        block->next = blocks;
        blocks = block;
        count++;
    }
    return count;
}

void store_empty(void)
{
    while (blocks) {
        struct block *next = blocks->next;
        free(blocks);
        blocks = next;
    }
}

char *store_last(void) { return blocks->rest; }

int store_count(int thread) { return thread + 1; }

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
} IA2_REGISTER(store_fill, 0x58813da4ecaf64d7)

void store_empty(void)
{
    while (blocks) {
        struct block *next = blocks->next;
        free(blocks);
        blocks = next;
    }
} IA2_REGISTER(store_empty, 0xaffb86de652e22fc)

char *store_last(void) { return blocks->rest; } IA2_REGISTER(store_last, 0xdc7d3268801300)

int store_count(int thread) { return thread + 1; } IA2_REGISTER(store_count, 0x6373c0a0f52b72ef)

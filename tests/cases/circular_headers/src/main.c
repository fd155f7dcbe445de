#include "pool.h"

#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include <stdlib.h>

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static size_t last;
static void *take(size_t size) { last = size; return shared_malloc(size); }
static void give(void *block) { shared_free(block); }

static pool_alloc pick(int which) { if (which) return(take); else return(NULL); }

int main(void)
{
    pool_setup(pick(1), give);
    printf("pool %zu", pool_take(16));
    printf(" %zu\n", last);
    printf("counts %d %d\n", pool_count(pool_statistics()), pool_visit(take));
    printf("base %d %d\n", pool_used(), pool_more());
    return pool_get_log() != NULL;
}

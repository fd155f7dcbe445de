#include "pool.h"

#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include <stdlib.h>

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static size_t last;
IA2_STATIC_FN(take, _ZTSPFPvmE, main_c) static void *take(size_t size) { last = size; return shared_malloc(size); } IA2_REGISTER_LOCAL(take, 0xe89afd87dd8b4844)
IA2_STATIC_FN(give, _ZTSPFvPvE, main_c) static void give(void *block) { shared_free(block); } IA2_REGISTER_LOCAL(give, 0xe946d77df1ec8f46)

static pool_alloc pick(int which) { if (which) return IA2_FN(take); else return IA2_OPAQUE(_ZTSPFPvmE, (NULL)); }

int main(void)
{
    pool_setup(pick(1), IA2_FN(give));
    printf("pool %zu", pool_take(16));
    printf(" %zu\n", last);
    printf("counts %d %d\n", pool_count(pool_statistics()), pool_visit(IA2_FN(take)));
    printf("base %d %d\n", pool_used(), pool_more());
    return IA2_ADDR(pool_get_log()) != NULL;
}
IA2_NEED(base_value)
IA2_NEED(pool_count)
IA2_NEED(pool_get_log)
IA2_NEED(pool_setup)
IA2_NEED(pool_statistics)
IA2_NEED(pool_take)
IA2_NEED(pool_visit)

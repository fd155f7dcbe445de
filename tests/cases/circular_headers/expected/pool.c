#include "pool_log.h"

#include <ia2.h>
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static pool_alloc allocate;
static pool_free release;
static pool_log say;
static struct pool_stats stats IA2_SHARED_DATA;

int pool_setup(pool_alloc alloc, pool_free free) { allocate = alloc; release = free; return 1; } IA2_REGISTER(pool_setup, 0x4dfc551e7a9b0304)
size_t pool_take(size_t size)
{
    void *block = IA2_CALL(allocate, _ZTSPFPvmE)(size);
    if (!block)
        return 0;
    IA2_CALL(release, _ZTSPFvPvE)(block);
    stats.alloc = allocate;
    stats.count++;
    if (IA2_ADDR(say))
        IA2_CALL(say, _ZTSPFvPKcE)("taken");
    return size;
} IA2_REGISTER(pool_take, 0x5cb42b3e956a7de4)
int pool_visit(struct IA2_fnptr__ZTSPFPvmE visitor) { return IA2_IDENTITY(visitor) == IA2_IDENTITY(allocate); } IA2_REGISTER(pool_visit, 0x297462cf8b3b75b1)
struct pool_stats *pool_statistics(void) { return &stats; } IA2_REGISTER(pool_statistics, 0xeb4f67648bad3b6b)
int pool_count(struct pool_stats *s) { return s->count; } IA2_REGISTER(pool_count, 0x75517f5371ded027)
void pool_set_log(pool_log log) { say = log; }
pool_log pool_get_log(void) { return say; } IA2_REGISTER(pool_get_log, 0xc456b0564b1db07c)

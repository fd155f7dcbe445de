#include "pool_log.h"

#include <ia2.h>
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static pool_alloc allocate;
static pool_free release;
static pool_log say;
static struct pool_stats stats IA2_SHARED_DATA;

int pool_setup(pool_alloc alloc, pool_free free) { allocate = alloc; release = free; return 1; }
size_t pool_take(size_t size)
{
    void *block = allocate(size);
    if (!block)
        return 0;
    release(block);
    stats.alloc = allocate;
    stats.count++;
    if (say)
        say("taken");
    return size;
}
int pool_visit(void *(POOL_SIZED(1) POOL_CALL *visitor)(size_t)) { return visitor == allocate; }
struct pool_stats *pool_statistics(void) { return &stats; }
int pool_count(struct pool_stats *s) { return s->count; }
void pool_set_log(pool_log log) { say = log; }
pool_log pool_get_log(void) { return say; }

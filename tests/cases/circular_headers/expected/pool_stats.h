#ifndef POOL_STATS_H
#define POOL_STATS_H
#include "pool_log.h"
#include "pool.h"

struct pool_stats {
    pool_alloc alloc;
    int count;
};
POOL_API(struct pool_stats *) pool_statistics(void);
POOL_API(int) pool_count(struct pool_stats *stats);
#endif

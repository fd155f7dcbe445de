#ifndef POOL_LOG_H
#define POOL_LOG_H
#include "pool.h"
#include "pool_stats.h"

typedef struct IA2_fnptr__ZTSPFvPKcE pool_log;
POOL_API(void) pool_set_log(pool_log log);
POOL_API(pool_log) pool_get_log(void);
#endif

#ifndef POOL_H
#define POOL_H
#include <stddef.h>
#include "pool_export.h"

#define POOL_SIZED(n) __attribute__((alloc_size(n)))
#define POOL_CALL

typedef struct IA2_fnptr__ZTSPFPvmE pool_alloc;
typedef struct IA2_fnptr__ZTSPFvPvE pool_free;

POOL_API(int) pool_setup(pool_alloc alloc, pool_free release);
POOL_API(size_t) pool_take(size_t size);
int base_value(int x);
POOL_API(int) pool_visit(struct IA2_fnptr__ZTSPFPvmE);

#include "pool_stats.h"

static inline int pool_used(void) { return pool_count(pool_statistics()) + 2; }
static inline int pool_more(void) { return pool_used() + base_value(5); }
#endif

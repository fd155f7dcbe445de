#include <ia2.h>
#include <stddef.h>
#include "keeper.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

IA2_STATIC_FN(doubled, _ZTSPFiiE, keeper_c) static int doubled(int x) { return 2 * x; } IA2_REGISTER_LOCAL(doubled, 0x8d5ec07d0a61889b)
IA2_DEFINE_WRAPPER(doubled)

void keeper_put(struct slots *slots)
{
    KEEP(slots->second, doubled);
    IA2_AS_PTR(slots->any) = NULL;
} IA2_REGISTER(keeper_put, 0x218cb1f82ed88920)

int keeper_run(struct slots *slots, int x)
{
    int sum = 0;
    if (IA2_ADDR(slots->first) != NULL)
        sum += RUN(slots->first, x);
    if (IA2_ADDR(slots->second))
        sum += RUN(slots->second, x);
    return sum;
} IA2_REGISTER(keeper_run, 0xd49f2461a89c97d7)

int keeper_any(any_fn any, void *argument) { return IA2_CALL(any, _ZTSPFiPvE)(argument); } IA2_REGISTER(keeper_any, 0xae55a59c537f10a4)
int keeper_inside(int x) { return x + 1; }
unsigned keeper_pkru(void) { return ia2_get_pkru(); }

#include <ia2.h>
#include <stddef.h>
#include "keeper.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int doubled(int x) { return 2 * x; }
IA2_DEFINE_WRAPPER(doubled)

void keeper_put(struct slots *slots)
{
    KEEP(slots->second, doubled);
    slots->any = NULL;
}

int keeper_run(struct slots *slots, int x)
{
    int sum = 0;
    if (IA2_ADDR(slots->first) != NULL)
        sum += RUN(slots->first, x);
    if (IA2_ADDR(slots->second))
        sum += RUN(slots->second, x);
    return sum;
}

int keeper_any(any_fn any, void *argument) { return any(argument); }
int keeper_inside(int x) { return x + 1; }
unsigned keeper_pkru(void) { return ia2_get_pkru(); }

#include <errno.h>
#include <ia2.h>
#include "meter.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static _Thread_local int sum = 1;
static __thread char unset[5000];

void meter_add(int n)
{
    sum += n;
    unset[n] = (char)n;
    errno = n;
}

int meter_sum(void) { return sum + unset[3] + unset[4]; }
int *meter_at(void) { return &sum; }

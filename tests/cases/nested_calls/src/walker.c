#include "parts.h"

#include <ia2.h>

#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

static long minus(long n) { return -n; }

long walker_thrice(step *f, long n)
{
    step *own = minus;
    pair *sum = steps_sum();
    return sum(f(f(f(n))), own(own(f(own(f(n))))) + sum(n, sum(n, n)));
}

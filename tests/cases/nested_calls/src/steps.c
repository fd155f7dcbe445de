#include "parts.h"

#include <ia2.h>

#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static long up(long n) { return n + 1; }
static long twice(long n) { return 2 * n; }
static long sum(long a, long b) { return a + b; }

step *steps_up(void) { return up; }
step *steps_twice(void) { return twice; }
pair *steps_sum(void) { return sum; }

#include <ia2.h>
#include "lib.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

/* In the initial-exec model: at a constant distance from the thread pointer. */
static __thread int fast_local = 1000;
static __thread char many[5000] = { 7 };

int fast_next(int by) { return (fast_local += by) + many[0] + many[4999]; }
const int *fast_address(void) { return &fast_local; }

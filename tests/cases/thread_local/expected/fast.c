#include <ia2.h>
#include "lib.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

/* In the initial-exec model: at a constant distance from the thread pointer. */
static __thread int fast_local = 1000;
static __thread char many[5000] = { 7 };

int fast_next(int by) { return (fast_local += by) + many[0] + many[4999]; } IA2_REGISTER(fast_next, 0x35e4dd851602e76a)
const int *fast_address(void) { return &fast_local; } IA2_REGISTER(fast_address, 0x16e0eae3c6e12610)
IA2_TLS_PAD;

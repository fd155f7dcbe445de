#include "pool.h"

#include <ia2.h>
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

static int factor = 1;
int base_value(int x) { return factor * x; }

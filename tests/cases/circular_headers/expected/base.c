#include "pool.h"

#include <ia2.h>
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

static int factor = 1;
int base_value(int x) { return factor * x; } IA2_REGISTER(base_value, 0x21ed10ed0364e658)

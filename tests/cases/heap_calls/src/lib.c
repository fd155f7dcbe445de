#include <ia2.h>
#include "calls.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

void lib_start(void)
{
    print_targets(2);
}

void *lib_block(void)
{
    return calloc(1, 10);
}

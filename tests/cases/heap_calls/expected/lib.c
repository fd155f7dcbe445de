#include <ia2.h>
#include "calls.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

void lib_start(void)
{
    print_targets(2);
} IA2_REGISTER(lib_start, 0x662f9d191f70b4ce)

void *lib_block(void)
{
    return calloc(1, 10);
} IA2_REGISTER(lib_block, 0x5fd5d400ac013a3d)

#include <ia2.h>
#include "store.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int store_limit(int expected)
{
    return limit_here(expected);
}

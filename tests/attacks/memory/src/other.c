#include <ia2.h>
#include <attack.h>
#include <sys/random.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static unsigned char global[16];

void *other_global(void)
{
    if (getrandom(global, sizeof global, 0) != sizeof global)
        __builtin_trap();
    return global;
}

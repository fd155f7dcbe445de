#include "sounds.h"

#include <ia2.h>
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

__attribute__((visibility("hidden"))) int count(int n)
{
    return 10 * n;
}

static int next(int n)
{
    return 10 * (n + 1);
}

step *sounds_step(void)
{
    return next;
}

int sounds_count(int n)
{
    return count(n);
}

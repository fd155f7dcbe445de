#include <ia2.h>
#include "hooks.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static hook_fn known[] = { hook_after, hook_main };

int lib_defined(int x)
{
    return x + 10;
}

int lib_run(hook_fn hook, int x)
{
    return hook ? hook(x) : -1;
}

int lib_has(int which)
{
    return known[which] != 0;
}

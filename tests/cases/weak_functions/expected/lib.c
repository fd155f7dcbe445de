#include <ia2.h>
#include "hooks.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static hook_fn known[] = { {IA2_FN_ADDR(hook_after)}, {IA2_FN_ADDR(hook_main)} };

int lib_defined(int x)
{
    return x + 10;
} IA2_REGISTER(lib_defined, 0xb2319478fe41fbf9)

int lib_run(hook_fn hook, int x)
{
    return IA2_ADDR(hook) ? IA2_CALL(hook, _ZTSPFiiE)(x) : -1;
} IA2_REGISTER(lib_run, 0xcf5c5ae88fe2e7d3)

int lib_has(int which)
{
    return IA2_ADDR(known[which]) != 0;
} IA2_REGISTER(lib_has, 0xfd68ea0e4429ed9e)
IA2_NEED(hook_main)
IA2_REGISTER_LOCAL(hook_after, 0xde4cf53f5adf302f)

#include <ia2.h>
#include "names.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int base = 10;
int first_real_call(int x) { return helper(x) + base; } IA2_REGISTER(first_real_call, 0x554e71379cfcf369)
int first_real_apply(fn f, int x) { return IA2_CALL(f, _ZTSPFiiE)(x) + base; } IA2_REGISTER(first_real_apply, 0x165ae6baff5a8373)
fn first_get(void) { return IA2_FN(first_real_call); } IA2_REGISTER(first_get, 0x611a4eda0658b4ca)
IA2_NEED(helper)

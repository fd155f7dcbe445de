#include <ia2.h>
#include "names.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

static int offset = 200;
__attribute__((visibility("hidden"))) int helper(int x) { return x + offset; } IA2_REGISTER_LOCAL(helper, 0xf2f2a8d29f0bd90f)
int second_call(int x) { return helper(x); } IA2_REGISTER(second_call, 0xd9d94be4161416aa)
fn second_helper(void) { return IA2_FN(helper); } IA2_REGISTER(second_helper, 0x81c8a00cbe3e02a6)

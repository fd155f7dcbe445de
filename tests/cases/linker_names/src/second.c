#include <ia2.h>
#include "names.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

static int offset = 200;
__attribute__((visibility("hidden"))) int helper(int x) { return x + offset; }
int second_call(int x) { return helper(x); }
fn second_helper(void) { return helper; }

#include <ia2.h>
#include "names.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int base = 10;
int first_real_call(int x) { return helper(x) + base; }
int first_real_apply(fn f, int x) { return f(x) + base; }
fn first_get(void) { return first_real_call; }

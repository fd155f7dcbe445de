#include <ia2.h>
#include "names.h"

static int offset = 100;
int helper(int x) { return x + offset; } IA2_REGISTER(helper, 0xf2f2a8d29f0bd90f)

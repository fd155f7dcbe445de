#include <ia2.h>
#include "names.h"

static int offset = 100;
int helper(int x) { return x + offset; }

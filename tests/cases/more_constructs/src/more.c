#include <ia2.h>
#include "parts.h"
static int same_name(int x) { return x * 7; }
static int (*const local)(int) = same_name;
int lib_second(void) { return local(2); }

#include <ia2.h>
#include "private.h"
static int added = 100;
int helper(int x) { return x + added; }
int internal(int x) { return x - added; }
int labelled(int x) { return x * added; }
int unexported(int x) { return x / 2 + added; }
static int label(int x) { return x ^ added; }
callback table[3] = { helper, label, unexported };
callback lib_statics(int which) { return which ? label : labelled; }

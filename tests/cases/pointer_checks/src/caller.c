#include <ia2.h>
#include "caller.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int caller_call(struct box *box, int x) { return box->call(x); }
long caller_other(struct box *box, long x) { return box->other(x, x); }

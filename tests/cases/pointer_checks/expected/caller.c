#include <ia2.h>
#include "caller.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int caller_call(struct box *box, int x) { return IA2_CALL(box->call, _ZTSPFiiE)(x); } IA2_REGISTER(caller_call, 0xb90eebca3d0701b1)
long caller_other(struct box *box, long x) { return IA2_CALL(box->other, _ZTSPFlllE)(x, x); } IA2_REGISTER(caller_other, 0x4b56b7e4e60e5122)

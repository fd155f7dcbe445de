#include <ia2.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int lib_visit(visit f, int x) { return IA2_CALL(f, _ZTSPFiiE)(x); } IA2_REGISTER(lib_visit, 0x251dab90d71a7d29)

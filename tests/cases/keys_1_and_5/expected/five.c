#include <ia2.h>
#include "five.h"
#define IA2_COMPARTMENT 5
#include <ia2_compartment_init.inc>

int five_secret = 55;
int *five_address(void) { return &five_secret; } IA2_REGISTER(five_address, 0xd1b96bbfa10fa1c0)
int five_call(struct IA2_fnptr__ZTSPFiiE f, int x) { return IA2_CALL(f, _ZTSPFiiE)(x) + five_secret; } IA2_REGISTER(five_call, 0x78ceb85f5847586)

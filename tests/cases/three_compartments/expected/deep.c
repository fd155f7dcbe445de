#include <ia2.h>
#include "parts.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

int deep_secret = 3;

int deep_work(int x) { return main_back(x) * deep_secret; } IA2_REGISTER(deep_work, 0xec4f0045a1dacaed)
void deep_write(int *p, int value) { *p = value; } IA2_REGISTER(deep_write, 0xd55bd3b77f471843)
int deep_apply(step_fn step, int x) { return IA2_CALL(step, _ZTSPFiiE)(x) + IA2_CALL(step, _ZTSPFiiE)(x + 1); } IA2_REGISTER(deep_apply, 0xb8185725925d7e27)
IA2_NEED(main_back)

#include <ia2.h>
#include "parts.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

int deep_secret = 3;

int deep_work(int x) { return main_back(x) * deep_secret; }
void deep_write(int *p, int value) { *p = value; }
int deep_apply(step_fn step, int x) { return step(x) + step(x + 1); }

#include <ia2.h>
#include "sides.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
int left_level = 1;
int left_rise(int by) { return left_level += by; }

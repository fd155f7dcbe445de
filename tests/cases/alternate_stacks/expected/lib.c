#include <ia2.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
int lib_add(int x, int y) { return x + y; } IA2_REGISTER(lib_add, 0x17c2c35850bb9a25)
void lib_poke(void *p) { *(char *)p = 1; } IA2_REGISTER(lib_poke, 0x3b7f1f3bb18450fc)

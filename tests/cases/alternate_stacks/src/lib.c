#include <ia2.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
int lib_add(int x, int y) { return x + y; }
void lib_poke(void *p) { *(char *)p = 1; }

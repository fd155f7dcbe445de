#include <ia2.h>
#include "spy.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int spy_read(const int *p) { return *p; }
void spy_write(int *p, int value) { *p = value; }

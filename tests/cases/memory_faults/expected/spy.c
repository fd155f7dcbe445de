#include <ia2.h>
#include "spy.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int spy_read(const int *p) { return *p; } IA2_REGISTER(spy_read, 0x5dc25c356f5377f9)
void spy_write(int *p, int value) { *p = value; } IA2_REGISTER(spy_write, 0xa9a85ea7f9cec07d)

#include <ia2.h>
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>
int own_value(void) { return 5; }
IA2_DEFINE_WRAPPER(own_value);

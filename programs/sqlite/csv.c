/* Declares csv to be compartment 5. */
#include <ia2.h>
#define IA2_COMPARTMENT 5
#include <ia2_compartment_init.inc>

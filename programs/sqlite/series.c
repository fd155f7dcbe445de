/* Declares series to be compartment 4. */
#include <ia2.h>
#define IA2_COMPARTMENT 4
#include <ia2_compartment_init.inc>

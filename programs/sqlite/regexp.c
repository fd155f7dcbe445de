/* Declares regexp to be compartment 3. */
#include <ia2.h>
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

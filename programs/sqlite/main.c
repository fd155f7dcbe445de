/* Declares the shell to be compartment 1. */
#include <ia2.h>
INIT_RUNTIME(6);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

/* Declares spellfix to be compartment 6. */
#include <ia2.h>
#define IA2_COMPARTMENT 6
#include <ia2_compartment_init.inc>

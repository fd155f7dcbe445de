/* Declares libsqlite3 to be compartment 2. */
#include <ia2.h>
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

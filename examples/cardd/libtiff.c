/* Declares libtiff's shared object to be compartment 2. Its own sources stay as they are. */
#include <ia2.h>
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

#include <ia2.h>
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int calls;
int other_call(void) { return ++calls; }

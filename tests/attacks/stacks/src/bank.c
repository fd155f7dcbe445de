#include <ia2.h>
#include <attack.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

unsigned long bank_stack(void) { return (unsigned long)__builtin_frame_address(0); }

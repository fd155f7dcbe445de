#define _GNU_SOURCE
#include <ia2.h>
#include "use.h"
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int second_use(void) { return use_everything("second"); }
int second_flush(void) { return check_streams(); }

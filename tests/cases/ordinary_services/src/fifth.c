#define _GNU_SOURCE
#include <ia2.h>
#include "use.h"
#include "parts.h"
#define IA2_COMPARTMENT 5
#include <ia2_compartment_init.inc>

int fifth_use(void) { return use_everything("fifth"); }
int fifth_flush(void) { return check_streams(); }
int fifth_peek(const int *number) { return *number; }

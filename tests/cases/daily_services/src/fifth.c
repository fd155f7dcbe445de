#define _GNU_SOURCE
#include <ia2.h>
#include "more.h"
#include "parts.h"
#define IA2_COMPARTMENT 5
#include <ia2_compartment_init.inc>

int fifth_use(int round) { return use_more("fifth", round); }
int fifth_peek(const int *number) { return *number; }

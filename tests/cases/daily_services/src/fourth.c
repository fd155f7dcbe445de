#define _GNU_SOURCE
#include <ia2.h>
#include "more.h"
#include "parts.h"
#define IA2_COMPARTMENT 4
#include <ia2_compartment_init.inc>

int fourth_use(int round) { return use_more("fourth", round); }

#define _GNU_SOURCE
#include <ia2.h>
#include "more.h"
#include "parts.h"
#define IA2_COMPARTMENT 4
#include <ia2_compartment_init.inc>

int fourth_use(int round) { return use_more("fourth", round); } IA2_REGISTER(fourth_use, 0x184f21a359d24a83)
IA2_REGISTER_LOCAL(printf, 0x7b5ec8a88e0f3b52)

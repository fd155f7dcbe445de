#define _GNU_SOURCE
#include <ia2.h>
#include "more.h"
#include "parts.h"
#define IA2_COMPARTMENT 5
#include <ia2_compartment_init.inc>

int fifth_use(int round) { return use_more("fifth", round); } IA2_REGISTER(fifth_use, 0x91c716855dbb7c5a)
int fifth_peek(const int *number) { return *number; } IA2_REGISTER(fifth_peek, 0x45c50f1fecd3277e)
IA2_REGISTER_LOCAL(printf, 0x7b5ec8a88e0f3b52)

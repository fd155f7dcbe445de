#define _GNU_SOURCE
#include <ia2.h>
#include "use.h"
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int second_use(void) { return use_everything("second"); } IA2_REGISTER(second_use, 0xb4a392f0a54c8e9a)
int second_flush(void) { return check_streams(); } IA2_REGISTER(second_flush, 0x6f1b8e84c4d319d4)
IA2_TLS_PAD;

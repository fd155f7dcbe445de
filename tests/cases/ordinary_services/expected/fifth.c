#define _GNU_SOURCE
#include <ia2.h>
#include "use.h"
#include "parts.h"
#define IA2_COMPARTMENT 5
#include <ia2_compartment_init.inc>

int fifth_use(void) { return use_everything("fifth"); } IA2_REGISTER(fifth_use, 0xb505aca5bc4e62c1)
int fifth_flush(void) { return check_streams(); } IA2_REGISTER(fifth_flush, 0xb0304d4685deba4d)
int fifth_peek(const int *number) { return *number; } IA2_REGISTER(fifth_peek, 0x45c50f1fecd3277e)
IA2_TLS_PAD;

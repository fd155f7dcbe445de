#include <ia2.h>
#include "first.h"
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int counter;
int first_next(void) { return ++counter + second_pkey(); } IA2_REGISTER(first_next, 0x6e51299707c1598c)
int first_peek(const int *p) { return *p; } IA2_REGISTER(first_peek, 0xb62fff91b720ea61)
IA2_NEED(second_pkey)

#include <ia2.h>
#include "first.h"
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int counter;
int first_next(void) { return ++counter + second_pkey(); }
int first_peek(const int *p) { return *p; }

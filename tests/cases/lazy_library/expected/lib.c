#include <ia2.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int calls;

int lib_add(int a, int b)
{
    calls++;
    return a + b;
} IA2_REGISTER(lib_add, 0x17c2c35850bb9a25)

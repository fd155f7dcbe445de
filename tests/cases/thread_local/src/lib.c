#include <ia2.h>
#include <string.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

__thread int lib_local = 10;
static __thread char zeroed[9000];
static __thread long initialised[3] = { 1, 2, 3 };

int lib_next(void) { return ++lib_local + initialised[1]++; }
int lib_fill(int value)
{
    int sum = 0;
    for (unsigned i = 0; i < sizeof zeroed; i++)
        sum += zeroed[i];
    memset(zeroed, value, sizeof zeroed);
    return sum;
}
int *lib_address(void) { return &lib_local; }

#include <ia2.h>
#include "five.h"
#define IA2_COMPARTMENT 5
#include <ia2_compartment_init.inc>

int five_secret = 55;
int *five_address(void) { return &five_secret; }
int five_call(int (*f)(int), int x) { return f(x) + five_secret; }

#include <ia2.h>
#include <attack.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int bank_relay(int what)
{
    int result;

    IN_BANK = 1;
    result = spy_return(what);
    IN_BANK = 0;
    return result;
}

/* Lets compartment 3 know a gate from here, and is idle again. */
int bank_ask(void) { return spy_remember(3); }

#include <ia2.h>
#include "numbers.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

static int calls;
/* Another function of this name is in even.c. */
static const char *name(void) { return calls && text_calls ? "odd, called" : "odd"; }

int is_odd(int n)
{
    calls++;
    log_line(text_of(n));
    return n == 0 ? 0 : is_even(n - 1);
}

const char *odd_name(void) { return name(); }

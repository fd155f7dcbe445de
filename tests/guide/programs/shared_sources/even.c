#include <ia2.h>
#include "numbers.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int calls;
static const char *name(void) { return calls ? "even, called" : "even"; }

int is_even(int n)
{
    calls++;
    text_of(n);
    return n == 0 ? 1 : is_odd(n - 1);
}

const char *even_name(void) { return name(); }

__attribute__((constructor)) static void start(void) { log_line("even starts"); }

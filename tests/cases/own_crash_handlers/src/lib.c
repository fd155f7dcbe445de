#include <ia2.h>
#include <signal.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static volatile int seen;
static volatile long state;

static void on_signal(int number) { seen += number; }
int lib_read(const int *p) { return *p; }
void lib_install(int number) { signal(number, on_signal); }
int lib_seen(void) { return seen; }
void lib_raise(int number) { raise(number); }
long lib_spin(long rounds)
{
    while (rounds-- > 0)
        state = state * 3 + rounds;
    return state;
}

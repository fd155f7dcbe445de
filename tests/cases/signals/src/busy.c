#include <ia2.h>
#include <signal.h>
#include <string.h>
#include "busy.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static volatile int handled;
static volatile int attack;
static long state = 1;

void busy_handler(int signal)
{
    handled += signal;
    if (attack)
        main_count = 0;
}
IA2_DEFINE_SIGHANDLER(busy_handler, 2);

void busy_install(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_handler = IA2_SIGHANDLER(busy_handler);
    sigaction(SIGUSR2, &action, NULL);
}
void busy_raise(int signal) { raise(signal); }
int busy_handled(void) { return handled; }
int busy_value(int x) { return x * 2; }
void busy_attack(void) { attack = 1; }
long busy_spin(long rounds)
{
    while (rounds-- > 0)
        state = state * 3 + rounds;
    return state;
}

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
} IA2_REGISTER(busy_handler, 0x3bae4037aedc52cb)
IA2_DEFINE_SIGHANDLER(busy_handler, 2);

void busy_install(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_handler = IA2_SIGHANDLER(busy_handler);
    sigaction(SIGUSR2, &action, NULL);
} IA2_REGISTER(busy_install, 0x9d91ebc726ee2842)
void busy_raise(int signal) { raise(signal); } IA2_REGISTER(busy_raise, 0xa1c8fa76cea0c320)
int busy_handled(void) { return handled; } IA2_REGISTER(busy_handled, 0xeda9e18af64c384b)
int busy_value(int x) { return x * 2; } IA2_REGISTER(busy_value, 0x6db6376434b6f511)
void busy_attack(void) { attack = 1; } IA2_REGISTER(busy_attack, 0x3ef7fba75675c38c)
long busy_spin(long rounds)
{
    while (rounds-- > 0)
        state = state * 3 + rounds;
    return state;
} IA2_REGISTER(busy_spin, 0x48a50637fc082372)

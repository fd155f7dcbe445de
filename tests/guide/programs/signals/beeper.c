#include <ia2.h>
#include <signal.h>
#include <stddef.h>
#include "beeper.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static volatile int beeps;
static volatile int *volatile target = &beeps;

static void beep(int number)
{
    (void)number;
    ++*target;
}
IA2_DEFINE_SIGHANDLER(beep, 2);

void beeper_start(void) { signal(SIGUSR2, IA2_SIGHANDLER(beep)); }
int beeper_beeps(void) { return beeps; }
void beeper_raise(int number) { raise(number); }
void beeper_aim(volatile int *at) { target = at; }

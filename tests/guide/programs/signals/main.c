#include <ia2.h>
#include <signal.h>
#include <stdio.h>
#include "beeper.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static volatile int seen;
static volatile int code;

void on_signal(int number, siginfo_t *info, void *context)
{
    (void)context;
    seen += number == info->si_signo;
    code = info->si_code;
}
IA2_DEFINE_SIGACTION(on_signal, 1);

int main(int argc, char **argv)
{
    struct sigaction action = { 0 };
    action.sa_sigaction = IA2_SIGHANDLER(on_signal);
    action.sa_flags = SA_SIGINFO;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGUSR1, &action, NULL))
        perror("sigaction");
    beeper_start();
    raise(SIGUSR1);
    beeper_raise(SIGUSR1);
    raise(SIGUSR2);
    beeper_raise(SIGUSR2);
    printf("%d %d %d\n", seen, code == SI_TKILL, beeper_beeps());
    fflush(stdout);
    if (argc > 1) {
        beeper_aim(&seen);
        raise(SIGUSR2);
    }
    return 0;
}

#include <ia2.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include "busy.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

volatile int main_count;
static volatile int last_value;
static volatile sig_atomic_t ticks;
static int sum_of_calls;

void on_action(int signal, siginfo_t *info, void *context)
{
    main_count++;
    if (info->si_signo != signal)
        main_count += 1000;
    last_value = info->si_code == SI_TKILL ? busy_value(signal) : -1;
}
IA2_DEFINE_SIGACTION(on_action, 1);

void on_tick(int signal)
{
    ticks++;
    main_count += signal == SIGALRM;
    sum_of_calls += busy_value(1);
}
IA2_DEFINE_SIGHANDLER(on_tick, 1);

int main(int argc, char **argv)
{
    struct sigaction action;
    struct itimerval timer = { { 0, 500 }, { 0, 500 } };
    long calls = 0;

    memset(&action, 0, sizeof action);
    action.sa_sigaction = IA2_SIGHANDLER(on_action);
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGUSR1, &action, NULL);
    busy_install();

    raise(SIGUSR1);
    printf("own %d %d\n", main_count, last_value);
    busy_raise(SIGUSR1);
    printf("from busy %d %d\n", main_count, last_value);
    raise(SIGUSR2);
    busy_raise(SIGUSR2);
    printf("busy %d\n", busy_handled());

    main_count = 0;
    signal(SIGALRM, IA2_SIGHANDLER(on_tick));
    setitimer(ITIMER_REAL, &timer, NULL);
    while (ticks < 200) {
        /* Interrupts either compartment, and gates in both directions. */
        calls += busy_spin(50) != 0;
        calls += busy_value(3) == 6;
    }
    memset(&timer, 0, sizeof timer);
    setitimer(ITIMER_REAL, &timer, NULL);
    printf("ticks %d\n", main_count == ticks && sum_of_calls == 2 * ticks && calls > 0);
    fflush(stdout);
    if (argc > 1) {
        busy_attack();
        raise(SIGUSR2);
    }
    return 0;
}

#define _GNU_SOURCE
#include <ia2.h>
#include "more.h"
#include "parts.h"
#define IA2_COMPARTMENT 5
#include <ia2_compartment_init.inc>

/* A handler that allocates, whoever is interrupted. */
static volatile int rung;
static void on_ring(int signal)
{
    char *text = strdup("rung");
    (void)signal;
    rung += strlen(text) == 4;
    free(text);
}

int fifth_rung(void) { return rung; }

void fifth_ring(int every)
{
    struct itimerval timer = {{0, every}, {0, every}};
    struct sigaction action = {.sa_handler = on_ring, .sa_flags = SA_RESTART};

    sigaction(SIGVTALRM, &action, NULL);
    setitimer(ITIMER_VIRTUAL, &timer, NULL);
}

int fifth_use(int round) { return use_more("fifth", round); }
int fifth_peek(const int *number) { return *number; }

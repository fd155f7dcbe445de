#define _GNU_SOURCE
#include <ia2.h>
#include "more.h"
#include "parts.h"
#define IA2_COMPARTMENT 5
#include <ia2_compartment_init.inc>

/* A handler that allocates, whoever is interrupted. */
static volatile int rung;
IA2_STATIC_FN(on_ring, _ZTSPFviE, fifth_c) static void on_ring(int signal)
{
    char *text = strdup("rung");
    (void)signal;
    rung += strlen(text) == 4;
    free(text);
} IA2_REGISTER_LOCAL(on_ring, 0x114dd910f68c2413)

int fifth_rung(void) { return rung; } IA2_REGISTER(fifth_rung, 0xe654637562e2d379)

void fifth_ring(int every)
{
    struct itimerval timer = {{0, every}, {0, every}};
    struct sigaction action = {.sa_handler = on_ring, .sa_flags = SA_RESTART};

    sigaction(SIGVTALRM, &action, NULL);
    setitimer(ITIMER_VIRTUAL, &timer, NULL);
} IA2_REGISTER(fifth_ring, 0x35c97403c84cdc34)

int fifth_use(int round) { return use_more("fifth", round); } IA2_REGISTER(fifth_use, 0x91c716855dbb7c5a)
int fifth_peek(const int *number) { return *number; } IA2_REGISTER(fifth_peek, 0x45c50f1fecd3277e)
IA2_REGISTER_LOCAL(printf, 0x7b5ec8a88e0f3b52)

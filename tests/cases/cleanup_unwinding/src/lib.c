#include <ia2.h>
#include <pthread.h>
#include <unistd.h>
#include "lib.h"

#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int cleaned;

static void lib_cleanup(void *poke)
{
    cleaned++;
    if (poke)
        *(int *)poke = 1;
}

/* What compilers leave to unwinding. */
static int ended;
static void end_variable(int *by) { ended += *by; }

int lib_through(int (*inner)(int), int how, int *poke)
{
    __attribute__((cleanup(end_variable))) int outside = 1;
    int result;
    pthread_cleanup_push(lib_cleanup, poke);
    __attribute__((cleanup(end_variable))) int inside = 10;
    result = inner(how);
    pthread_cleanup_pop(1);
    return result;
}

static __attribute__((noinline)) void stop_here(int how)
{
    __attribute__((cleanup(end_variable))) int deepest = 100;
    if (how == 0)
        pthread_exit((void *)7);
    for (;;)
        pause();
}

/* Without a cleanup handler on the way. */
int lib_plainly(int (*inner)(int), int how)
{
    __attribute__((cleanup(end_variable))) int plain = 1000;
    return inner(how) + 1;
}

void lib_stop(int how) { stop_here(how); }
int lib_ended(void) { return ended; }

void lib_end(int how)
{
    __attribute__((cleanup(end_variable))) int outermost = 10000;
    pthread_cleanup_push(lib_cleanup, NULL);
    if (how == 0)
        pthread_exit((void *)7);
    for (;;)
        pause();
    pthread_cleanup_pop(0);
}

int lib_cleaned(void) { return cleaned; }

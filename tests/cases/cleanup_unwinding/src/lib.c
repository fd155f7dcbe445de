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

int lib_through(int (*inner)(int), int how, int *poke)
{
    int result;
    pthread_cleanup_push(lib_cleanup, poke);
    result = inner(how);
    pthread_cleanup_pop(1);
    return result;
}

void lib_end(int how)
{
    pthread_cleanup_push(lib_cleanup, NULL);
    if (how == 0)
        pthread_exit((void *)7);
    for (;;)
        pause();
    pthread_cleanup_pop(0);
}

int lib_cleaned(void) { return cleaned; }

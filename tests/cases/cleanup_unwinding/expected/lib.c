#include <ia2.h>
#include <pthread.h>
#include <unistd.h>
#include "lib.h"

#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int cleaned;

IA2_STATIC_FN(lib_cleanup, _ZTSPFvPvE, lib_c) static void lib_cleanup(void *poke)
{
    cleaned++;
    if (poke)
        *(int *)poke = 1;
} IA2_REGISTER_LOCAL(lib_cleanup, 0x37e7b04abea1ccde)

int lib_through(struct IA2_fnptr__ZTSPFiiE inner, int how, int *poke)
{
    int result;
    pthread_cleanup_push(lib_cleanup, poke);
    result = IA2_CALL(inner, _ZTSPFiiE)(how);
    pthread_cleanup_pop(1);
    return result;
} IA2_REGISTER(lib_through, 0xdf41e421e9009047)

void lib_end(int how)
{
    pthread_cleanup_push(lib_cleanup, NULL);
    if (how == 0)
        pthread_exit((void *)7);
    for (;;)
        pause();
    pthread_cleanup_pop(0);
} IA2_REGISTER(lib_end, 0xaca0db835c712fa1)

int lib_cleaned(void) { return cleaned; } IA2_REGISTER(lib_cleaned, 0x9a424d976cf76791)

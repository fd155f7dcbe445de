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

/* What compilers leave to unwinding. */
static int ended;
static void end_variable(int *by) { ended += *by; }

int lib_through(struct IA2_fnptr__ZTSPFiiE inner, int how, int *poke)
{
    __attribute__((cleanup(end_variable))) int outside = 1;
    int result;
    pthread_cleanup_push(lib_cleanup, poke);
    __attribute__((cleanup(end_variable))) int inside = 10;
    result = IA2_CALL(inner, _ZTSPFiiE)(how);
    pthread_cleanup_pop(1);
    return result;
} IA2_REGISTER(lib_through, 0xdf41e421e9009047)

static __attribute__((noinline)) void stop_here(int how)
{
    __attribute__((cleanup(end_variable))) int deepest = 100;
    if (how == 0)
        pthread_exit((void *)7);
    for (;;)
        pause();
}

/* Without a cleanup handler on the way. */
int lib_plainly(struct IA2_fnptr__ZTSPFiiE inner, int how)
{
    __attribute__((cleanup(end_variable))) int plain = 1000;
    return IA2_CALL(inner, _ZTSPFiiE)(how) + 1;
} IA2_REGISTER(lib_plainly, 0x84dd952565bf6401)

void lib_stop(int how) { stop_here(how); } IA2_REGISTER(lib_stop, 0x4d0a5dbfd105a3f5)
int lib_ended(void) { return ended; } IA2_REGISTER(lib_ended, 0x6858f55b6f1c0f72)

void lib_end(int how)
{
    __attribute__((cleanup(end_variable))) int outermost = 10000;
    pthread_cleanup_push(lib_cleanup, NULL);
    if (how == 0)
        pthread_exit((void *)7);
    for (;;)
        pause();
    pthread_cleanup_pop(0);
} IA2_REGISTER(lib_end, 0xaca0db835c712fa1)

int lib_cleaned(void) { return cleaned; } IA2_REGISTER(lib_cleaned, 0x9a424d976cf76791)

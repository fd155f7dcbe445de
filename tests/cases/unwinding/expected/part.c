#define _GNU_SOURCE
#include <ia2.h>
#include <execinfo.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>
#include <unwind.h>
#include "part.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int cleaned;

/* Counts how often it is called and says that it goes on. */
IA2_STATIC_FN(count, _ZTSPF19_Unwind_Reason_CodeP15_Unwind_ContextPvE, part_c) static _Unwind_Reason_Code count(struct _Unwind_Context *context, void *counter)
{
    if (_Unwind_GetIP(context))
        ++*(int *)counter;
    return _URC_NO_REASON;
} IA2_REGISTER_LOCAL(count, 0xae719d219fa7543a)

IA2_STATIC_FN(go_on, _ZTSPF19_Unwind_Reason_Codei14_Unwind_ActionmP17_Unwind_ExceptionP15_Unwind_ContextPvE, part_c) static _Unwind_Reason_Code go_on(int version, _Unwind_Action actions, _Unwind_Exception_Class class,
                                 struct _Unwind_Exception *exception, struct _Unwind_Context *context,
                                 void *unused)
{
    return actions & _UA_END_OF_STACK ? _URC_END_OF_STACK : _URC_NO_REASON;
} IA2_REGISTER_LOCAL(go_on, 0xdb217f0e39ebaeff)

/* At least this function's own frame, and it comes back. */
int part_backtrace(int depth)
{
    void *addresses[64];

    return depth ? main_calls(0, depth - 1) : backtrace(addresses, 64) >= 1;
} IA2_REGISTER(part_backtrace, 0xf0f4607510204513)

int part_walk(int depth)
{
    int frames = 0;

    if (depth)
        return main_calls(1, depth - 1);
    _Unwind_Backtrace((IA2_TYPE__ZTSPF19_Unwind_Reason_CodeP15_Unwind_ContextPvE)IA2_FN_ADDR(count), &frames);
    return frames >= 1;
} IA2_REGISTER(part_walk, 0xf7f6b1859308423a)

/* What C++'s throw does: without a handler it returns _URC_END_OF_STACK. */
int part_raise(int depth)
{
    static struct _Unwind_Exception exception;

    if (depth)
        return main_calls(2, depth - 1);
    memset(&exception, 0, sizeof exception);
    memcpy(&exception.exception_class, "IA2 C\0\0", 8);
    return _Unwind_RaiseException(&exception);
} IA2_REGISTER(part_raise, 0x9f29098f34b9f0a2)

int part_force(int depth)
{
    static struct _Unwind_Exception exception;

    if (depth)
        return main_calls(3, depth - 1);
    memset(&exception, 0, sizeof exception);
    return _Unwind_ForcedUnwind(&exception, (IA2_TYPE__ZTSPF19_Unwind_Reason_Codei14_Unwind_ActionmP17_Unwind_ExceptionP15_Unwind_ContextPvE)IA2_FN_ADDR(go_on), NULL);
} IA2_REGISTER(part_force, 0x8c24ea634af4ccea)

static void clean(void *unused) { cleaned++; }

void part_exit(int depth, void *result)
{
    pthread_cleanup_push(clean, NULL);
    if (depth)
        main_calls(4, depth - 1);
    pthread_exit(result);
    pthread_cleanup_pop(0);
} IA2_REGISTER(part_exit, 0x71345dd6b8efecea)

void part_wait(int depth, volatile int *ready)
{
    pthread_cleanup_push(clean, NULL);
    *ready = 1;
    for (;;)
        pause();
    pthread_cleanup_pop(0);
} IA2_REGISTER(part_wait, 0xbea0e9eb3c81742d)

int part_cleaned(void) { return cleaned; } IA2_REGISTER(part_cleaned, 0x9f0e30e234e83719)
IA2_NEED(main_calls)

#define _GNU_SOURCE
#include "deep.h"

#include <ia2.h>
#include <pthread.h>
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int cleaned;

IA2_STATIC_FN(clean, _ZTSPFvPvE, first_c) static void clean(void *unused)
{
    __atomic_add_fetch(&cleaned, 1, __ATOMIC_RELAXED);
    (void)unused;
} IA2_REGISTER_LOCAL(clean, 0xe9ae27894c3031b8)

struct state first_down(bottom_fn bottom, struct state state, int depth, int how)
{
    do { __pthread_unwind_buf_t __cancel_buf; struct IA2_fnptr__ZTSPFvPvE __cancel_routine = {IA2_FN_ADDR(clean)}; void *__cancel_arg = (&state); int __not_first_call = __sigsetjmp_cancel (__cancel_buf.__cancel_jmp_buf, 0); if (__builtin_expect ((__not_first_call), 0)) { IA2_CALL(__cancel_routine, _ZTSPFvPvE) (__cancel_arg); __pthread_unwind_next (&__cancel_buf); } __pthread_register_cancel (&__cancel_buf); do {;
    state.words[depth] = depth;
    state = depth ? second_down(bottom, state, depth - 1, how) : IA2_CALL(bottom, _ZTSPF5stateS_iE)(state, how);
    do { } while (0); } while (0); __pthread_unregister_cancel (&__cancel_buf); if (0) IA2_CALL(__cancel_routine, _ZTSPFvPvE) (__cancel_arg); } while (0);
    return state;
} IA2_REGISTER(first_down, 0x8bfdca801f62a277)

int first_cleaned(void) { return __atomic_load_n(&cleaned, __ATOMIC_RELAXED); } IA2_REGISTER(first_cleaned, 0xc8938d7e61b5b6bf)
IA2_NEED(second_down)

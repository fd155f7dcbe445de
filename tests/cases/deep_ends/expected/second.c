#define _GNU_SOURCE
#include "deep.h"

#include <ia2.h>
#include <pthread.h>
#include <stdlib.h>
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

static int cleaned;
static bottom_fn in_comparison;
static long sum;

IA2_STATIC_FN(clean, _ZTSPFvPvE, second_c) static void clean(void *unused)
{
    __atomic_add_fetch(&cleaned, 1, __ATOMIC_RELAXED);
    (void)unused;
} IA2_REGISTER_LOCAL(clean, 0xa14d704e1bce6daf)

struct state second_down(bottom_fn bottom, struct state state, int depth, int how)
{
    do { __pthread_unwind_buf_t __cancel_buf; struct IA2_fnptr__ZTSPFvPvE __cancel_routine = {IA2_FN_ADDR(clean)}; void *__cancel_arg = (&state); int __not_first_call = __sigsetjmp_cancel (__cancel_buf.__cancel_jmp_buf, 0); if (__builtin_expect ((__not_first_call), 0)) { IA2_CALL(__cancel_routine, _ZTSPFvPvE) (__cancel_arg); __pthread_unwind_next (&__cancel_buf); } __pthread_register_cancel (&__cancel_buf); do {;
    state.words[depth] = 10 * depth;
    state = depth ? first_down(bottom, state, depth - 1, how) : IA2_CALL(bottom, _ZTSPF5stateS_iE)(state, how);
    do { } while (0); } while (0); __pthread_unregister_cancel (&__cancel_buf); if (0) IA2_CALL(__cancel_routine, _ZTSPFvPvE) (__cancel_arg); } while (0);
    return state;
} IA2_REGISTER(second_down, 0xc72a6435a42fd49e)

static int compare(const void *a, const void *b)
{
    struct state state = {{0}};
    state = first_down(in_comparison, state, 4, 0);
    sum += state.words[4] + state.words[19];
    return *(const int *)a - *(const int *)b;
}

long second_sort(bottom_fn bottom, int *numbers, int count)
{
    int own[16];
    in_comparison = bottom;
    sum = 0;
    for (int i = 0; i < count; i++)
        own[i] = numbers[i];
    qsort(own, (size_t)count, sizeof *own, compare);
    for (int i = 0; i < count; i++)
        numbers[i] = own[i];
    return sum > 0;
} IA2_REGISTER(second_sort, 0xcb6377aab95c3bfe)

int second_cleaned(void) { return __atomic_load_n(&cleaned, __ATOMIC_RELAXED); } IA2_REGISTER(second_cleaned, 0x7842ce2e9ad5db7c)
IA2_NEED(first_down)

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

static void clean(void *unused)
{
    __atomic_add_fetch(&cleaned, 1, __ATOMIC_RELAXED);
    (void)unused;
}

struct state second_down(bottom_fn bottom, struct state state, int depth, int how)
{
    pthread_cleanup_push(clean, &state);
    state.words[depth] = 10 * depth;
    state = depth ? first_down(bottom, state, depth - 1, how) : bottom(state, how);
    pthread_cleanup_pop(0);
    return state;
}

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
}

int second_cleaned(void) { return __atomic_load_n(&cleaned, __ATOMIC_RELAXED); }

#define _GNU_SOURCE
#include "deep.h"

#include <ia2.h>
#include <pthread.h>
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int cleaned;

static void clean(void *unused)
{
    __atomic_add_fetch(&cleaned, 1, __ATOMIC_RELAXED);
    (void)unused;
}

struct state first_down(bottom_fn bottom, struct state state, int depth, int how)
{
    pthread_cleanup_push(clean, &state);
    state.words[depth] = depth;
    state = depth ? second_down(bottom, state, depth - 1, how) : bottom(state, how);
    pthread_cleanup_pop(0);
    return state;
}

int first_cleaned(void) { return __atomic_load_n(&cleaned, __ATOMIC_RELAXED); }

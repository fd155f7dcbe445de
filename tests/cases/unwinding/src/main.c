#define _GNU_SOURCE
#include <ia2.h>
#include <ia2_allocator.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
#include "part.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static volatile int *ready;

int main_calls(int what, int depth)
{
    switch (what) {
    case 0: return part_backtrace(depth);
    case 1: return part_walk(depth);
    case 2: return part_raise(depth);
    case 3: return part_force(depth);
    default: return 0;
    }
}

static void *exits(void *unused)
{
    part_exit(0, (void *)42);
    return NULL;
}

static void *waits(void *unused)
{
    part_wait(0, ready);
    return NULL;
}

int main(void)
{
    pthread_t thread;
    void *result;

    printf("backtrace %d %d\n", part_backtrace(0), part_backtrace(3));
    printf("walked %d %d\n", part_walk(0), part_walk(2));
    printf("raised %d %d\n", part_raise(0), part_raise(2));
    printf("forced %d %d\n", part_force(0), part_force(2));
    fflush(stdout);
    pthread_create(&thread, NULL, exits, NULL);
    pthread_join(thread, &result);
    printf("exited %ld\n", (long)result);
    fflush(stdout);
    ready = shared_malloc(sizeof *ready);
    *ready = 0;
    pthread_create(&thread, NULL, waits, NULL);
    while (!*ready)
        usleep(1000);
    pthread_cancel(thread);
    pthread_join(thread, &result);
    printf("cancelled %d\n", result == PTHREAD_CANCELED);
    printf("cleaned %d\n", part_cleaned());
    return 0;
}

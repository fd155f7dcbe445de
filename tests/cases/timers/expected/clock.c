#include <ia2.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "clock.h"
#include "main.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static timer_t timer;
static sem_t ticked;
static int *to_poke;
static int count;
static __thread int of_this_thread = 5;

IA2_STATIC_FN(tick, _ZTSPFv6sigvalE, clock_c) static void tick(union sigval value)
{
    of_this_thread++;
    if (to_poke)
        *to_poke = 1;
    /* Every tick has a thread of its own, and a slow machine runs several at once. */
    __atomic_fetch_add(&count, of_this_thread == 6 ? main_ticked(value.sival_int) : 1000, __ATOMIC_RELAXED);
    sem_post(&ticked);
} IA2_REGISTER_LOCAL(tick, 0x3d1c8d7c24dc1e57)

int clock_start(int *poked)
{
    struct sigevent event;
    struct itimerspec every = {{0, 3000000}, {0, 3000000}};
    to_poke = poked;
    sem_init(&ticked, 0, 0);
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_THREAD;
    event.sigev_notify_function = tick;
    event.sigev_value.sival_int = 42;
    if (timer_create(CLOCK_MONOTONIC, &event, &timer))
        return -1;
    return timer_settime(timer, 0, &every, NULL);
} IA2_REGISTER(clock_start, 0x8094ddfd237e71ce)

int clock_wait(int ticks)
{
    for (int i = 0; i < ticks; i++)
        sem_wait(&ticked);
    timer_delete(timer);
    int counted = __atomic_load_n(&count, __ATOMIC_RELAXED);
    if (counted < 42 * ticks || counted % 42)
        printf("clock: %d after %d ticks\n", counted, ticks);
    return counted >= 42 * ticks && counted % 42 == 0;
} IA2_REGISTER(clock_wait, 0x9bea65d7a540ea0c)
IA2_NEED(main_ticked)
IA2_TLS_PAD;

#define _GNU_SOURCE
#include <aio.h>
#include <errno.h>
#include <ia2.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "clock.h"
#include "main.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int main_ticks;
static sem_t done;
int main_ticked(int x)
{
    __atomic_fetch_add(&main_ticks, 1, __ATOMIC_RELAXED);
    return x;
} IA2_REGISTER(main_ticked, 0x7a7bfcdb5a8c95ae)

IA2_STATIC_FN(on_message, _ZTSPFv6sigvalE, main_c) static void on_message(union sigval value)
{
    const char *name = value.sival_ptr;
    printf("message for %s\n", name);
    sem_post(&done);
} IA2_REGISTER_LOCAL(on_message, 0x9d45da7cecd4a41d)

static volatile sig_atomic_t signals;
static void on_signal(int signal, siginfo_t *info, void *context)
{
    signals += info->si_value.sival_int == 7;
}

IA2_STATIC_FN(on_nothing, _ZTSPFv6sigvalE, main_c) static void on_nothing(union sigval value) { sem_post(&done); } IA2_REGISTER_LOCAL(on_nothing, 0xab0b185e16e76165)

/* Timers that are deleted leave nothing behind; the last one still works. */
static int many(int count)
{
    struct sigevent event;
    struct itimerspec soon = {{0, 0}, {0, 1000000}};
    timer_t timer;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_THREAD;
    event.sigev_notify_function = on_nothing;
    sem_init(&done, 0, 0);
    for (int i = 0; i < count; i++)
        if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_delete(timer)) {
            printf("timer %d: %s\n", i, strerror(errno));
            return 1;
        }
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &soon, NULL))
        return 1;
    sem_wait(&done);
    printf("%d timers\n", count);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 2)
        return many(atoi(argv[2]));
    if (clock_start(argc > 1 && !strcmp(argv[1], "poke") ? &main_ticks : NULL))
        return 1;
    int waited = clock_wait(20), ticks = __atomic_load_n(&main_ticks, __ATOMIC_RELAXED);
    printf("ticks: %d\n", waited && ticks >= 20);
    if (ticks < 20)
        printf("main: %d ticks\n", ticks);

    /* A timer that sends a signal. */
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGRTMIN, &action, NULL);
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGRTMIN;
    event.sigev_value.sival_int = 7;
    timer_t timer;
    struct itimerspec every = {{0, 3000000}, {0, 3000000}};
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &every, NULL);
    while (signals < 10)
        usleep(1000);
    timer_delete(timer);
    printf("signals\n");

    /* A queue that notifies by a thread. */
    sem_init(&done, 0, 0);
    struct mq_attr shape = {0, 4, 32, 0, {0}};
    mqd_t queue = mq_open("/ia2-timers", O_RDWR | O_CREAT | O_EXCL, 0600, &shape);
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_THREAD;
    event.sigev_notify_function = on_message;
    event.sigev_value.sival_ptr = (void *)"main";
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 << 10);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    event.sigev_notify_attributes = &attributes;
    if (mq_notify(queue, &event) || mq_send(queue, "hello", 6, 0))
        return 2;
    sem_wait(&done);
    mq_close(queue);
    mq_unlink("/ia2-timers");
    if (argc > 1 && !strcmp(argv[1], "aio")) {
        static struct aiocb request;
        fflush(stdout);
        aio_read(&request);
    }
    return 0;
}
IA2_NEED(clock_start)
IA2_NEED(clock_wait)

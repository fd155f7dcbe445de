#define _GNU_SOURCE
#include <ia2.h>
#include <judge.h>
#include <pthread.h>
#include "parts.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static void benign(const struct attempt *attempt) { printf("%d\n", intrude_honestly(3)); }

static void fake_return(const struct attempt *attempt) { printf("returned %d\n", intrude_fake_return()); }
static void fake_call(const struct attempt *attempt) { printf("called %d\n", intrude_fake_call()); }

static void *work(void *unused)
{
    __asm__ volatile("rdfsbase %0" : "=r"(THREAD_POINTER));
    bank_work(&STATE);
    return unused;
}

static void *wait_in_intruder(void *unused)
{
    bank_public(0);
    intrude_wait(&OTHER_STATE);
    OTHER_STATE = DONE;
    for (;;)
        pause();
    return unused;
}

static void wait_for(volatile unsigned long *state, unsigned long value)
{
    int i;

    for (i = 0; i < 20000 && *state != value; i++)
        usleep(100);
}

/* A thread works in 2. The intruder takes its thread block and calls 2 as well. */
static void busy_thread(const struct attempt *attempt)
{
    pthread_t thread;

    pthread_create(&thread, NULL, work, NULL);
    wait_for(&STATE, WORKING);
    intrude_as(THREAD_POINTER, 0);
    STATE = STOP;
    wait_for(&STATE, DONE);
}

static void *intrude_slowly(void *unused)
{
    intrude_as(THREAD_POINTER, 1);
    return unused;
}

/* The intruder takes the thread block of a thread that waits, and works in 2; then that thread calls. */
static void waiting_thread(const struct attempt *attempt)
{
    pthread_t thread, intruder;

    pthread_create(&thread, NULL, wait_in_intruder, NULL);
    wait_for(&OTHER_STATE, WORKING);
    pthread_create(&intruder, NULL, intrude_slowly, NULL);
    wait_for(&STATE, WORKING);
    OTHER_STATE = STOP;
    wait_for(&OTHER_STATE, DONE);
    STATE = STOP;
    wait_for(&STATE, DONE);
}

static const struct attempt attempts[] = {
    { "benign", benign },
    { "fake-block-on-return", fake_return },
    { "fake-block-on-call", fake_call },
    { "block-of-busy-thread", busy_thread },
    { "block-of-waiting-thread", waiting_thread },
    { NULL },
};

int main(int argc, char **argv)
{
    set_up();
    mmap((void *)FAKE, FAKE_SIZE, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    return attack(attempts, argc, argv);
}

/*
 * driver.c - makes random calls from every compartment, in several threads.
 *
 * Usage: program SEED CALLS THREADS
 */
#include "runtime.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

typedef int routine(unsigned long long, int);
extern routine *const calls_1[], *const calls_2[], *const calls_3[];
extern const unsigned call_count_1, call_count_2, call_count_3;
unsigned long test_calls(void);

struct task {
    unsigned long long seed;
    unsigned long calls;
    routine *const *routines;
    unsigned count;
};

static unsigned long long next(unsigned long long *state)
{
    unsigned long long x = *state += 0x9e3779b97f4a7c15ull;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}

static void work(void *argument)
{
    struct task *task = argument;
    /* Each call in each way first, then at random. */
    for (unsigned i = 0; i < task->count; i++)
        for (int how = 0; how < 3; how++)
            task->routines[i](next(&task->seed), how);
    for (unsigned long i = 0; task->count && i < task->calls; i++) {
        unsigned long long seed = next(&task->seed);
        task->routines[seed % task->count](seed, (int)(seed >> 32) % 3 & 3);
    }
}

static unsigned long long seed;
static unsigned long count;

static void *thread(void *number)
{
    routine *const *const routines[] = {calls_1, calls_2, calls_3};
    const unsigned counts[] = {call_count_1, call_count_2, call_count_3};
    test_start_thread();
    for (int compartment = 1; compartment <= 3; compartment++) {
        struct task task = {seed + 1000 * (unsigned long)number + compartment, count,
                            routines[compartment - 1], counts[compartment - 1]};
        test_run(compartment, work, &task);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    seed = strtoull(argv[1], 0, 10);
    count = strtoul(argv[2], 0, 10);
    unsigned long threads = strtoul(argv[3], 0, 10);
    test_start();
    pthread_t others[16];
    for (unsigned long i = 1; i < threads && i <= 16; i++)
        if (pthread_create(&others[i - 1], 0, thread, (void *)i))
            return 3;
    thread(0);
    for (unsigned long i = 1; i < threads && i <= 16; i++)
        pthread_join(others[i - 1], 0);
    printf("%lu calls\n", test_calls());
    return 0;
}

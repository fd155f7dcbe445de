#include <ia2.h>
#include <pthread.h>
#include <stdlib.h>
#include "pool.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int total;

IA2_STATIC_FN(worker, _ZTSPFPvS_E, pool_c) static void *worker(void *argument)
{
    int *number = argument;
    int *copy = malloc(sizeof *copy);
    *copy = *number;
    int bonus = main_bonus(*copy);
    pthread_mutex_lock(&lock);
    total += *copy + bonus;
    pthread_mutex_unlock(&lock);
    free(copy);
    return number;
} IA2_REGISTER_LOCAL(worker, 0x183a220d358344ef)

int pool_run(int count)
{
    pthread_t threads[16];
    int numbers[16];
    int ok = 0;

    total = 0;
    for (int i = 0; i < count; i++) {
        numbers[i] = i + 1;
        pthread_create(&threads[i], NULL, worker, &numbers[i]);
    }
    for (int i = 0; i < count; i++) {
        void *result;
        pthread_join(threads[i], &result);
        ok += result == &numbers[i];
    }
    return ok == count ? total : -1;
} IA2_REGISTER(pool_run, 0x5840fbf97ed445ca)
void pool_poke(int *p) { *p = 1; } IA2_REGISTER(pool_poke, 0x866f989aee46886e)
IA2_NEED(main_bonus)

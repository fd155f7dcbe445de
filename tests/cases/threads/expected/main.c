#include <ia2.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "pool.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int secret = 1000;
static sem_t done;

int main_bonus(int x) { return x * secret; } IA2_REGISTER(main_bonus, 0xde957d052b41b78d)

IA2_STATIC_FN(quick, _ZTSPFPvS_E, main_c) static void *quick(void *argument) { return (char *)argument + 1; } IA2_REGISTER_LOCAL(quick, 0xe2ff2ee8c444d71)

IA2_STATIC_FN(detached, _ZTSPFPvS_E, main_c) static void *detached(void *argument)
{
    printf("detached %d\n", pool_run(2));
    sem_post(&done);
    return argument;
} IA2_REGISTER_LOCAL(detached, 0x44421f9789a055f6)

IA2_STATIC_FN(with_attributes, _ZTSPFPvS_E, main_c) static void *with_attributes(void *argument)
{
    char space[50000];
    memset(space, 1, sizeof space);
    printf("attributes %d\n", space[49999] + pool_run(1));
    return argument;
} IA2_REGISTER_LOCAL(with_attributes, 0x5b3787e403ff1720)

IA2_STATIC_FN(poke, _ZTSPFPvS_E, main_c) static void *poke(void *argument)
{
    pool_poke(argument);
    return argument;
} IA2_REGISTER_LOCAL(poke, 0x8e1ed470d5b0d293)

int main(int argc, char **argv)
{
    pthread_attr_t attributes;
    pthread_t thread;
    int target = 0;
    long ends = 0;

    printf("pool %d\n", pool_run(3));
    printf("pool %d\n", pool_run(16));
    for (long i = 0; i < 300; i++) {
        void *result;
        if (pthread_create(&thread, NULL, quick, (void *)i))
            return 1;
        pthread_join(thread, &result);
        ends += (long)result;
    }
    printf("ends %ld\n", ends);
    sem_init(&done, 0, 0);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_create(&thread, &attributes, detached, NULL);
    sem_wait(&done);
    pthread_attr_destroy(&attributes);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 1 << 20);
    pthread_create(&thread, &attributes, with_attributes, NULL);
    pthread_join(thread, NULL);
    fflush(stdout);
    if (argc > 1) {
        pthread_create(&thread, NULL, poke, &target);
        pthread_join(thread, NULL);
    }
    return 0;
}
IA2_NEED(pool_poke)
IA2_NEED(pool_run)

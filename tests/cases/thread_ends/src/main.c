#define _GNU_SOURCE
#include <ia2.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <unistd.h>
#include "lib.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int main_ends;
static int cleaned;
static pthread_key_t key;
static sem_t ready;
static pthread_barrier_t barrier;

static void clean(void *argument) { cleaned += *(int *)argument; }
static void destroy(void *value) { main_ends += *(int *)value; }

static void *exits(void *argument)
{
    int one = 1;
    pthread_cleanup_push(clean, &one);
    if (argument)
        lib_exit(3);
    pthread_exit((void *)4);
    pthread_cleanup_pop(0);
    return NULL;
}

static void *waits(void *argument)
{
    int ten = 10;
    pthread_cleanup_push(clean, &ten);
    sem_post(&ready);
    if (argument)
        lib_wait();
    for (;;)
        pause();
    pthread_cleanup_pop(0);
    return NULL;
}

static void *with_key(void *argument)
{
    pthread_setspecific(key, argument);
    lib_key();
    return NULL;
}

static void *uses_stack(void *argument)
{
    char space[30000];
    memset(space, 3, sizeof space);
    return (void *)(long)(space[1] + lib_deep(10));
}

static int c11(void *argument)
{
    if (argument)
        thrd_exit(lib_local(2));
    return -8;
}

static void *lives(void *argument)
{
    long local = lib_local(1);
    pthread_barrier_wait(&barrier);
    return (void *)local;
}

static void *late(void *argument)
{
    usleep(1000);
    printf("late %d\n", lib_local(1));
    fflush(stdout);
    return argument;
}

int main(int argc, char **argv)
{
    const char *what = argv[1];
    pthread_attr_t attributes;
    pthread_t thread;
    void *result;

    sem_init(&ready, 0, 0);
    if (!strcmp(what, "exit")) {
        for (int i = 0; i < 20; i++) {
            pthread_create(&thread, NULL, exits, i % 2 ? &thread : NULL);
            pthread_join(thread, &result);
            if (i < 2)
                printf("exit %ld\n", (long)result);
        }
        printf("cleaned %d lib %ld\n", cleaned, lib_start());
    }
    if (!strcmp(what, "cancel")) {
        for (int i = 0; i < 20; i++) {
            pthread_create(&thread, NULL, waits, i % 2 ? &thread : NULL);
            sem_wait(&ready);
            usleep(i * 100);
            pthread_cancel(thread);
            pthread_join(thread, &result);
            if (result != PTHREAD_CANCELED)
                printf("not cancelled\n");
        }
        printf("cleaned %d\n", cleaned);
    }
    if (!strcmp(what, "keys")) {
        int five = 5;
        pthread_key_create(&key, destroy);
        for (int i = 0; i < 10; i++) {
            pthread_create(&thread, NULL, with_key, &five);
            pthread_join(thread, NULL);
        }
        pthread_key_delete(key);
        for (int i = 0; i < 600; i++)
            if (pthread_key_create(&key, destroy) || pthread_key_delete(key))
                return 2;
        printf("keys %d %d\n", main_ends, lib_destroyed());
    }
    if (!strcmp(what, "attributes")) {
        static char stack[1 << 20] __attribute__((aligned(4096)));
        size_t size;
        void *low;
        for (size_t kib = 16; kib <= 1024; kib *= 4) {
            pthread_attr_init(&attributes);
            pthread_attr_setstacksize(&attributes, kib < 64 ? 64 << 10 : kib << 10);
            if (pthread_create(&thread, &attributes, uses_stack, NULL))
                return 3;
            pthread_join(thread, &result);
            printf("sized %ld\n", (long)result);
            pthread_attr_destroy(&attributes);
        }
        pthread_attr_init(&attributes);
        pthread_attr_setstack(&attributes, stack, sizeof stack);
        if (pthread_create(&thread, &attributes, uses_stack, NULL))
            return 4;
        pthread_join(thread, &result);
        printf("supplied %ld\n", (long)result);
        pthread_getattr_np(pthread_self(), &attributes);
        pthread_attr_getstack(&attributes, &low, &size);
        printf("own stack %d\n", (char *)&size > (char *)low && (char *)&size < (char *)low + size);
    }
    if (!strcmp(what, "c11")) {
        thrd_t id;
        int end;
        for (int i = 0; i < 4; i++) {
            if (thrd_create(&id, c11, i % 2 ? &id : NULL) != thrd_success)
                return 5;
            thrd_join(id, &end);
            printf("c11 %d\n", end);
        }
    }
    if (!strcmp(what, "many")) {
        long sum = 0;
        for (int i = 0; i < 1000; i++) {
            if (pthread_create(&thread, NULL, i % 3 ? uses_stack : exits, i % 2 ? &sum : NULL))
                return 6;
            pthread_join(thread, &result);
            sum += (long)result;
        }
        printf("many %ld\n", sum);
    }
    if (!strcmp(what, "live")) {
        static pthread_t threads[200];
        long sum = 0;
        pthread_barrier_init(&barrier, NULL, 201);
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, 128 << 10);
        for (int i = 0; i < 200; i++)
            if (pthread_create(&threads[i], &attributes, lives, NULL))
                return 7;
        pthread_barrier_wait(&barrier);
        for (int i = 0; i < 200; i++) {
            pthread_join(threads[i], &result);
            sum += (long)result;
        }
        printf("live %ld\n", sum);
    }
    if (!strcmp(what, "main-exits")) {
        pthread_create(&thread, NULL, late, NULL);
        pthread_exit(NULL);
    }
    if (!strcmp(what, "attack")) {
        lib_key_wrong(&main_ends);
        pthread_exit(NULL);
    }
    fflush(stdout);
    return 0;
}

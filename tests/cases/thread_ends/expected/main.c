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

IA2_STATIC_FN(clean, _ZTSPFvPvE, main_c) static void clean(void *argument) { cleaned += *(int *)argument; } IA2_REGISTER_LOCAL(clean, 0xb9eff7602043a4cb)
IA2_STATIC_FN(destroy, _ZTSPFvPvE, main_c) static void destroy(void *value) { main_ends += *(int *)value; } IA2_REGISTER_LOCAL(destroy, 0x9259649c8543128c)

IA2_STATIC_FN(exits, _ZTSPFPvS_E, main_c) static void *exits(void *argument)
{
    int one = 1;
    do { __pthread_unwind_buf_t __cancel_buf; struct IA2_fnptr__ZTSPFvPvE __cancel_routine = {IA2_FN_ADDR(clean)}; void *__cancel_arg = (&one); int __not_first_call = __sigsetjmp_cancel (__cancel_buf.__cancel_jmp_buf, 0); if (__builtin_expect ((__not_first_call), 0)) { IA2_CALL(__cancel_routine, _ZTSPFvPvE) (__cancel_arg); __pthread_unwind_next (&__cancel_buf); } __pthread_register_cancel (&__cancel_buf); do {;
    if (argument)
        lib_exit(3);
    pthread_exit((void *)4);
    do { } while (0); } while (0); __pthread_unregister_cancel (&__cancel_buf); if (0) IA2_CALL(__cancel_routine, _ZTSPFvPvE) (__cancel_arg); } while (0);
    return NULL;
} IA2_REGISTER_LOCAL(exits, 0x9409eb782ac1cf3e)

IA2_STATIC_FN(waits, _ZTSPFPvS_E, main_c) static void *waits(void *argument)
{
    int ten = 10;
    do { __pthread_unwind_buf_t __cancel_buf; struct IA2_fnptr__ZTSPFvPvE __cancel_routine = {IA2_FN_ADDR(clean)}; void *__cancel_arg = (&ten); int __not_first_call = __sigsetjmp_cancel (__cancel_buf.__cancel_jmp_buf, 0); if (__builtin_expect ((__not_first_call), 0)) { IA2_CALL(__cancel_routine, _ZTSPFvPvE) (__cancel_arg); __pthread_unwind_next (&__cancel_buf); } __pthread_register_cancel (&__cancel_buf); do {;
    sem_post(&ready);
    if (argument)
        lib_wait();
    for (;;)
        pause();
    do { } while (0); } while (0); __pthread_unregister_cancel (&__cancel_buf); if (0) IA2_CALL(__cancel_routine, _ZTSPFvPvE) (__cancel_arg); } while (0);
    return NULL;
} IA2_REGISTER_LOCAL(waits, 0xd0193c805c43b5a1)

IA2_STATIC_FN(with_key, _ZTSPFPvS_E, main_c) static void *with_key(void *argument)
{
    pthread_setspecific(key, argument);
    lib_key();
    return NULL;
} IA2_REGISTER_LOCAL(with_key, 0xf92d16d5ba7af0b9)

IA2_STATIC_FN(uses_stack, _ZTSPFPvS_E, main_c) static void *uses_stack(void *argument)
{
    char space[30000];
    memset(space, 3, sizeof space);
    return (void *)(long)(space[1] + lib_deep(10));
} IA2_REGISTER_LOCAL(uses_stack, 0xface3f87f265862e)

static int c11(void *argument)
{
    if (argument)
        thrd_exit(lib_local(2));
    return -8;
}

IA2_STATIC_FN(lives, _ZTSPFPvS_E, main_c) static void *lives(void *argument)
{
    long local = lib_local(1);
    pthread_barrier_wait(&barrier);
    return (void *)local;
} IA2_REGISTER_LOCAL(lives, 0x5dbbf83e2d341bce)

IA2_STATIC_FN(late, _ZTSPFPvS_E, main_c) static void *late(void *argument)
{
    usleep(1000);
    printf("late %d\n", lib_local(1));
    fflush(stdout);
    return argument;
} IA2_REGISTER_LOCAL(late, 0x24712d1c9d1db0d6)

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
IA2_NEED(lib_deep)
IA2_NEED(lib_destroyed)
IA2_NEED(lib_exit)
IA2_NEED(lib_key)
IA2_NEED(lib_key_wrong)
IA2_NEED(lib_local)
IA2_NEED(lib_start)
IA2_NEED(lib_wait)

#define _GNU_SOURCE
#include "deep.h"

#include <execinfo.h>
#include <ia2.h>
#include <ia2_allocator.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <unistd.h>

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

enum { RETURN, EXIT, WAIT, TRACE, DEEPER };

static sem_t down;
static int cleaned, destroyed;
static pthread_key_t key;

IA2_STATIC_FN(clean, _ZTSPFvPvE, main_c) static void clean(void *unused)
{
    __atomic_add_fetch(&cleaned, 1, __ATOMIC_RELAXED);
    (void)unused;
} IA2_REGISTER_LOCAL(clean, 0xb9eff7602043a4cb)

IA2_STATIC_FN(destroy, _ZTSPFvPvE, main_c) static void destroy(void *value)
{
    struct state state = {{0}};
    /* Gates work while a thread ends. */
    state = second_down(*(bottom_fn *)value, state, 1, RETURN);
    __atomic_add_fetch(&destroyed, (int)state.words[1], __ATOMIC_RELAXED);
} IA2_REGISTER_LOCAL(destroy, 0x9259649c8543128c)

IA2_STATIC_FN(bottom, _ZTSPF5stateS_iE, main_c) static struct state bottom(struct state state, int how)
{
    void *frames[64];
    state.words[19]++;
    switch (how) {
    case EXIT:
        pthread_exit((void *)7);
    case WAIT:
        sem_post(&down);
        for (;;)
            pause();
    case TRACE:
        state.words[18] = backtrace(frames, 64) > 0;
        break;
    case DEEPER:
        return second_down(IA2_FN(bottom), state, 3, TRACE);
    default:
        break;
    }
    return state;
} IA2_REGISTER_LOCAL(bottom, 0x79607652b707eb66)

static bottom_fn own_bottom = {IA2_FN_ADDR(bottom)};

static void *work(void *how)
{
    struct state state = {{0}};
    pthread_setspecific(key, &own_bottom);
    do { __pthread_unwind_buf_t __cancel_buf; struct IA2_fnptr__ZTSPFvPvE __cancel_routine = {IA2_FN_ADDR(clean)}; void *__cancel_arg = (&state); int __not_first_call = __sigsetjmp_cancel (__cancel_buf.__cancel_jmp_buf, 0); if (__builtin_expect ((__not_first_call), 0)) { IA2_CALL(__cancel_routine, _ZTSPFvPvE) (__cancel_arg); __pthread_unwind_next (&__cancel_buf); } __pthread_register_cancel (&__cancel_buf); do {;
    state = first_down(IA2_FN(bottom), state, 6, (int)(long)how);
    do { } while (0); } while (0); __pthread_unregister_cancel (&__cancel_buf); if (0) IA2_CALL(__cancel_routine, _ZTSPFvPvE) (__cancel_arg); } while (0);
    long sum = 0;
    for (int i = 0; i < 20; i++)
        sum = 3 * sum + state.words[i];
    return (void *)sum;
}

int main(void)
{
    void *result;
    pthread_t thread;
    sem_init(&down, 0, 0);
    pthread_key_create(&key, destroy);
    for (long how = RETURN; how <= DEEPER; how++)
        for (int i = 0; i < 3; i++) {
            pthread_create(&thread, NULL, work, (void *)how);
            if (how == WAIT) {
                sem_wait(&down);
                pthread_cancel(thread);
            }
            pthread_join(thread, &result);
            printf("%ld: %ld, cleaned %d, destroyed %d\n", how, (long)result, cleaned, destroyed);
        }
    printf("cleaned %d %d\n", first_cleaned() > 0, second_cleaned() > 0);
    int *numbers = shared_malloc(8 * sizeof *numbers);
    for (int i = 0; i < 8; i++)
        numbers[i] = (i * 5 + 3) % 8;
    printf("sorted %ld:", second_sort(IA2_FN(bottom), numbers, 8));
    for (int i = 0; i < 8; i++)
        printf(" %d", numbers[i]);
    printf("\n");
    shared_free(numbers);
    return 0;
}
IA2_NEED(first_cleaned)
IA2_NEED(first_down)
IA2_NEED(second_cleaned)
IA2_NEED(second_down)
IA2_NEED(second_sort)

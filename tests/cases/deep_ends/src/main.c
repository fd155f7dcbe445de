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

static void clean(void *unused)
{
    __atomic_add_fetch(&cleaned, 1, __ATOMIC_RELAXED);
    (void)unused;
}

static void destroy(void *value)
{
    struct state state = {{0}};
    /* Gates work while a thread ends. */
    state = second_down(*(bottom_fn *)value, state, 1, RETURN);
    __atomic_add_fetch(&destroyed, (int)state.words[1], __ATOMIC_RELAXED);
}

static struct state bottom(struct state state, int how)
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
        return second_down(bottom, state, 3, TRACE);
    default:
        break;
    }
    return state;
}

static bottom_fn own_bottom = bottom;

static void *work(void *how)
{
    struct state state = {{0}};
    pthread_setspecific(key, &own_bottom);
    pthread_cleanup_push(clean, &state);
    state = first_down(bottom, state, 6, (int)(long)how);
    pthread_cleanup_pop(0);
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
    printf("sorted %ld:", second_sort(bottom, numbers, 8));
    for (int i = 0; i < 8; i++)
        printf(" %d", numbers[i]);
    printf("\n");
    shared_free(numbers);
    return 0;
}

#include <ia2.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "lib.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static __thread int own = 100;
static __thread int own_zero;

static void *work(void *argument)
{
    long number = (long)argument;

    own += number;
    own_zero += own;
    printf("thread %ld: own %d %d, lib %d %d, fill %d, fast %d\n", number, own, own_zero, lib_next(),
           lib_next(), lib_fill(number), fast_next(number));
    return argument;
}

static void *peek(void *argument)
{
    printf("%d\n", argument ? *fast_address() : lib_local);
    return argument;
}

int main(int argc, char **argv)
{
    pthread_t threads[4];
    void *result;

    work((void *)0);
    for (long i = 1; i < 4; i++) {
        pthread_create(&threads[i], NULL, work, (void *)i);
        pthread_join(threads[i], &result);
        printf("joined %ld\n", (long)result);
    }
    work((void *)7);
    fflush(stdout);
    if (argc > 1) {
        pthread_create(&threads[0], NULL, peek, strcmp(argv[1], "fast") ? NULL : &own);
        pthread_join(threads[0], NULL);
    }
    return 0;
}
IA2_NEED(fast_address)
IA2_NEED(fast_next)
IA2_NEED(lib_fill)
IA2_NEED(lib_next)
IA2_TLS_PAD;

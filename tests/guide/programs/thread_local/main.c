#include <errno.h>
#include <ia2.h>
#include <pthread.h>
#include <stdio.h>
#include "meter.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static __thread long calls = 7;
static _Thread_local struct {
    int a;
    double b;
} pair = { 1, 2.5 };

static void *run(void *argument)
{
    int n = (int)(long)argument;
    for (int i = 0; i < 3; i++) {
        meter_add(n);
        calls++;
        pair.b += n;
    }
    return (void *)(calls * 1000 + meter_sum() * 10 + (errno == n) + (pair.b > 2.5) + pair.a);
}

int main(int argc, char **argv)
{
    pthread_t threads[3];
    for (long i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, run, (void *)(i + 2));
    for (int i = 0; i < 3; i++) {
        void *result;
        pthread_join(threads[i], &result);
        printf("%ld\n", (long)result);
    }
    printf("main %ld\n", (long)run((void *)4));
    fflush(stdout);
    if (argc > 1)
        *meter_at() = 0;
    return 0;
}

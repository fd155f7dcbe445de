#define _GNU_SOURCE
#include <ia2.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "deep.h"
#include "main.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

int main_down(int levels)
{
    volatile char room[1024];
    memset((char *)room, levels, sizeof room);
    if (levels == 0)
        return 0;
    int below = main_down(levels - 1);
    __asm__ volatile("" : : "r"(room) : "memory");
    return 1 + below + (room[5] != (char)levels);
}

/* How much stack the thread has below its first frame, in MiB. */
static void *measure(void *argument)
{
    pthread_attr_t attributes;
    void *low;
    size_t size;
    char here;

    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstack(&attributes, &low, &size);
    pthread_attr_destroy(&attributes);
    if (&here < (char *)low || &here >= (char *)low + size)
        return (void *)-1;
    return (void *)(long)(size >= (size_t)argument);
}

static void *down(void *argument)
{
    int levels = (int)(long)argument;
    return (void *)(long)(main_down(levels) + deep_call(levels / 2));
}

static void *down_there(void *argument) { return (void *)(long)deep_down((int)(long)argument); }

static long run(pthread_attr_t *attributes, void *(*start)(void *), long argument)
{
    pthread_t thread;
    void *result;
    int status = pthread_create(&thread, attributes, start, (void *)argument);
    if (status)
        return -status;
    pthread_join(thread, &result);
    return (long)result;
}

int main(int argc, char **argv)
{
    pthread_attr_t attributes;
    size_t size;

    pthread_attr_init(&attributes);
    /* Larger than IA2_STACK_SIZE, in the creator's compartment. */
    pthread_attr_setstacksize(&attributes, 24 << 20);
    printf("large: %ld %ld\n", run(&attributes, measure, 24 << 20), run(&attributes, down, 20000));
    for (int i = 0; i < 20; i++)
        if (run(&attributes, down, 16000) != 16000 + 8000)
            printf("large, round %d: wrong\n", i);
    /* Small. */
    pthread_attr_setstacksize(&attributes, 65536);
    pthread_attr_getstacksize(&attributes, &size);
    printf("small: %ld %ld, says %zu\n", run(&attributes, down, 20), run(&attributes, down_there, 20), size);
    pthread_attr_setstacksize(&attributes, 16384);
    printf("smallest: %ld\n", run(&attributes, down, 4));
    pthread_attr_destroy(&attributes);

    /* The program's own. */
    pthread_attr_init(&attributes);
    void *stack = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pthread_attr_setstack(&attributes, stack, 2 << 20);
    printf("supplied: %ld\n", run(&attributes, down, 700));
    pthread_attr_destroy(&attributes);
    munmap(stack, 2 << 20);

    pthread_attr_init(&attributes);
    pthread_attr_setguardsize(&attributes, 1 << 16);
    printf("guard: %ld\n", run(&attributes, down, 100));
    fflush(stdout);
    if (argc > 1) {
        pthread_attr_setstacksize(&attributes, 4 << 20);
        run(&attributes, down, 3000);
        run(&attributes, down, 100000);
    }
    return 0;
}

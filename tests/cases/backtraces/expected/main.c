#include <ia2.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "deep.h"
#include "walker.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int touch, in_main;
static volatile int zero;

IA2_STATIC_FN(on_step, _ZTSPFiPiiE, main_c) __attribute__((noinline)) static int on_step(int *p, int x) { return deep_step(p, x, touch) + zero; } IA2_REGISTER_LOCAL(on_step, 0xb7d0672a96d9c2cf)

__attribute__((noinline)) static int main_walk(int levels)
{
    int sum = 1;
    int steps = walk_all(levels, IA2_FN(on_step), &sum);
    return steps + sum;
}

static void *in_thread(void *argument)
{
    return (void *)(long)(main_walk((int)(long)argument) + zero);
}

static void on_signal(int signal) { walk_touch(&in_main); zero = 0; }

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    pthread_t thread;

    printf("%d\n", main_walk(3));
    fflush(stdout);
    if (!strcmp(what, "handler")) {
        signal(SIGUSR1, on_signal);
        return deep_wait(SIGUSR1) - 1;
    }
    if (!strcmp(what, "recursion"))
        return main_walk(1000000);
    touch = *what != 0;
    if (!strcmp(what, "thread")) {
        pthread_create(&thread, NULL, in_thread, (void *)2L);
        pthread_join(thread, NULL);
    } else if (!strcmp(what, "calls")) {
        int result = main_walk(2);
        return result < 0;
    }
    return 0;
}
IA2_NEED(deep_step)
IA2_NEED(deep_wait)
IA2_NEED(walk_all)
IA2_NEED(walk_touch)

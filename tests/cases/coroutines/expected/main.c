#include <ia2.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>
#include "lib.h"
#include "main.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

#define COROUTINES 8
struct coroutine {
    ucontext_t context;
    char *stack;
    int id, total, done;
};
struct scheduler {
    ucontext_t context;
    struct coroutine all[COROUTINES];
};

int main_bonus(int x) { return x + 1; } IA2_REGISTER(main_bonus, 0xde957d052b41b78d)

IA2_STATIC_FN_STORED(body, _ZTSPFvvE, main_c) static void body(unsigned low, unsigned high, int id)
{
    struct scheduler *s = (struct scheduler *)((unsigned long)low | (unsigned long)high << 32);
    struct coroutine *self = &s->all[id];
    for (int i = 0; i < 20; i++) {
        self->total += lib_twice(i) * (id + 1);
        swapcontext(&self->context, &s->context);
    }
    self->done = 1;
} IA2_REGISTER_LOCAL(body, 0xe3416afd6848241f)

static void *schedule(void *argument)
{
    struct scheduler *s = calloc(1, sizeof *s);
    int alive = COROUTINES;
    long sum = 0;
    for (int i = 0; i < COROUTINES; i++) {
        struct coroutine *c = &s->all[i];
        getcontext(&c->context);
        c->stack = malloc(128 << 10);
        c->context.uc_stack.ss_sp = c->stack;
        c->context.uc_stack.ss_size = 128 << 10;
        c->context.uc_link = &s->context;
        makecontext(&c->context, IA2_PLAIN((struct IA2_fnptr__ZTSPFvvE){IA2_FN_ADDR_AS(body, _ZTSPFvvE)}, _ZTSPFvvE), 3, (unsigned)(unsigned long)s,
                    (unsigned)((unsigned long)s >> 32), i);
    }
    while (alive) {
        alive = 0;
        for (int i = 0; i < COROUTINES; i++)
            if (!s->all[i].done) {
                alive++;
                swapcontext(&s->context, &s->all[i].context);
            }
    }
    for (int i = 0; i < COROUTINES; i++) {
        sum += s->all[i].total;
        free(s->all[i].stack);
    }
    free(s);
    return (void *)(sum + (long)argument);
}

static volatile sig_atomic_t ticks;
static void on_tick(int signal) { ticks += lib_twice(signal) > 0; }

int main(int argc, char **argv)
{
    int target = 0;
    struct itimerval timer = {{0, 2000}, {0, 2000}};

    printf("scheduler: %ld\n", (long)schedule(NULL));
    printf("generator: %d\n", lib_generate(100));
    /* Signals come while coroutines run. */
    signal(SIGALRM, on_tick);
    setitimer(ITIMER_REAL, &timer, NULL);
    long sum = 0;
    for (int i = 0; ticks < 20; i++)
        if (i == 0)
            sum = (long)schedule(NULL);
        else if ((long)schedule(NULL) != sum)
            printf("round %d: wrong\n", i);
    memset(&timer, 0, sizeof timer);
    setitimer(ITIMER_REAL, &timer, NULL);
    printf("with signals: %ld\n", sum);
    if (argc > 1 && !strcmp(argv[1], "threads")) {
        pthread_t threads[4];
        for (long i = 0; i < 4; i++)
            pthread_create(&threads[i], NULL, schedule, (void *)i);
        for (int i = 0; i < 4; i++) {
            void *result;
            pthread_join(threads[i], &result);
            printf("thread %d: %ld\n", i, (long)result);
        }
    }
    fflush(stdout);
    if (argc > 1 && !strcmp(argv[1], "poke")) {
        lib_poke(&target);
    }
    return 0;
}
IA2_NEED(lib_generate)
IA2_NEED(lib_poke)
IA2_NEED(lib_twice)

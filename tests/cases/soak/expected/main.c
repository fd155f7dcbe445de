#define _GNU_SOURCE
#include <ia2.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "store.h"
#include "work.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

#define THREADS 6
static int problems;
static time_t end;
static volatile unsigned long ticks;
static __thread volatile unsigned long handled;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            __atomic_fetch_add(&problems, 1, __ATOMIC_RELAXED);                                    \
            printf("line %d: %s\n", __LINE__, #condition);                                         \
        }                                                                                          \
    } while (0)

IA2_STATIC_FN(add_one, _ZTSPFiiE, main_c) static int add_one(int x) { return x + 1; } IA2_REGISTER_LOCAL(add_one, 0xf45826bedd286828)
IA2_STATIC_FN(put_and_add, _ZTSPFiiE, main_c) static int put_and_add(int x) { return store_put(x, 5) > 0 ? x + 1 : -1; } IA2_REGISTER_LOCAL(put_and_add, 0x550475fd0f6fcad5)

/* Calls across, on top of whatever it has interrupted. */
static void on_user(int signal) { handled += (unsigned long)work_deep(1, IA2_FN(add_one), 0); }
static void on_tick(int signal) { ticks += store_put((int)ticks & 63, 1) > 0; }

static unsigned next_random(unsigned *state) { return *state = *state * 1103515245 + 12345; }

IA2_STATIC_FN(waiter, _ZTSPFPvS_E, main_c) static void *waiter(void *argument)
{
    for (;;)
        pause();
    return argument;
} IA2_REGISTER_LOCAL(waiter, 0xb3204db2f31e9759)

static void in_child(unsigned seed)
{
    int wrong = work_deep(3, IA2_FN(put_and_add), 7) != 8;
    wrong += store_check(seed) + work_shuffle(seed) + (work_thread(4) != 1);
    unsigned long before = handled;
    store_raise(SIGUSR1);
    wrong += handled != before + 1;
    _exit(wrong ? 1 : 42);
}

IA2_STATIC_FN(work, _ZTSPFPvS_E, main_c) static void *work(void *argument)
{
    unsigned seed = 77u * (unsigned)(long)argument + 5;
    unsigned long raised = 0;
    char *texts[8] = {0};

    while (time(NULL) < end) {
        unsigned number = next_random(&seed) >> 16;
        pthread_t thread;
        void *result;
        switch (number % 12) {
        case 0: do { if (!(work_deep((int)(number % 20), IA2_FN(put_and_add), (int)number) == (int)number + 1)) { __atomic_fetch_add(&problems, 1, 0); printf("line %d: %s\n", __LINE__, "work_deep((int)(number % 20), put_and_add, (int)number) == (int)number + 1"); } } while (0); break;
        case 1: CHECK(store_check(number) == 0); break;
        case 2: do { if (!(work_jump((int)number, IA2_FN(add_one)) == 2)) { __atomic_fetch_add(&problems, 1, 0); printf("line %d: %s\n", __LINE__, "work_jump((int)number, add_one) == 2"); } } while (0); break;
        case 3: CHECK(work_shuffle(number) == 0); break;
        case 4: CHECK(work_thread((int)number) == 1); break;
        case 5:
            raise(SIGUSR1);
            raised++;
            break;
        case 6:
            store_raise(SIGUSR1);
            raised++;
            break;
        case 7: {
            int slot = (int)(number >> 8) % 8;
            free(texts[slot]);
            CHECK(asprintf(&texts[slot], "text %u", number) > 5);
            break;
        }
        case 8:
            if (number % 5 == 0) {
                int status = 0;
                pid_t child = fork();
                if (child == 0)
                    in_child(number);
                CHECK(child > 0);
                while (waitpid(child, &status, 0) < 0)
                    ;
                CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 42);
            }
            break;
        case 9:
            if (number % 3 == 0) {
                CHECK(pthread_create(&thread, NULL, waiter, NULL) == 0);
                pthread_cancel(thread);
                pthread_join(thread, &result);
                CHECK(result == PTHREAD_CANCELED);
            }
            break;
        default: store_put((int)number, (int)(number % 9)); break;
        }
    }
    for (int i = 0; i < 8; i++)
        free(texts[i]);
    CHECK(handled == raised);
    return argument;
} IA2_REGISTER_LOCAL(work, 0x9a2aa57d2c4fd801)

int main(int argc, char **argv)
{
    struct sigaction action;
    struct itimerval timer = {{0, 1500}, {0, 1500}};
    pthread_t threads[THREADS];

    setvbuf(stdout, NULL, _IOLBF, 4096);
    end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 1);
    memset(&action, 0, sizeof action);
    action.sa_handler = on_user;
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, NULL);
    action.sa_handler = on_tick;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
    if (argc > 2)
        store_poke(&problems);
    for (long i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, work, (void *)i) == 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    memset(&timer, 0, sizeof timer);
    setitimer(ITIMER_REAL, &timer, NULL);
    CHECK(argc < 2 || atoi(argv[1]) == 0 || ticks > 0);
    CHECK(store_sum() == 0);
    printf(problems ? "soak: %d problems\n" : "soak: nothing lost\n", problems);
    return problems != 0;
}
IA2_NEED(store_check)
IA2_NEED(store_poke)
IA2_NEED(store_put)
IA2_NEED(store_raise)
IA2_NEED(store_sum)
IA2_NEED(work_deep)
IA2_NEED(work_jump)
IA2_NEED(work_shuffle)
IA2_NEED(work_thread)
IA2_TLS_PAD;

#define _GNU_SOURCE
#include "parts.h"

#include <ia2.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

enum { THREADS = 3, ROUNDS = 1500 };

static step *up, *twice;
static pair *sum;
static volatile sig_atomic_t handled, wrong;

static long own(long n) { return n + 3; }

static long once(step *home)
{
    /* ((2 * (1 + 1)) + 3) + (1 + 2) = 10 */
    return sum(home(twice(up(1))), sum(up(0), twice(up(0))));
}

static void interrupted(int signal)
{
    step *home = own;
    (void)signal;
    if (sum(twice(home(up(twice(up(4))))), up(home(sum(up(up(30)), home(up(38))))))
        != 106)
        wrong = 1;
    handled++;
}

static void *work(void *result)
{
    step *home = own;
    long total = 0;
    for (int round = 0; round < ROUNDS; round++)
        total = sum(total, once(home));
    *(long *)result = total;
    return NULL;
}

int main(void)
{
    struct itimerval often = {{0, 2000}, {0, 2000}}, never = {{0, 0}, {0, 0}};
    struct sigaction action = {.sa_handler = interrupted, .sa_flags = SA_RESTART};
    pthread_t threads[THREADS];
    long results[THREADS] = {0};

    up = steps_up();
    twice = steps_twice();
    sum = steps_sum();
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, &results[i]);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    while (!handled)
        raise(SIGALRM);
    setitimer(ITIMER_REAL, &never, NULL);
    printf("threads: %ld %ld %ld\n", results[0], results[1], results[2]);
    printf("handler: %s 106\n", wrong ? "not" : "only");
    printf("walker: %ld\n", walker_thrice(up, 5));
    printf("pairs: %ld %ld\n", sum(sum(1, 2), sum(1, 2)), sum(twice(twice(3)), twice(sum(3, up(2)))));
    return 0;
}

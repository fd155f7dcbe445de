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

static struct IA2_fnptr__ZTSPFllE up; static struct IA2_fnptr__ZTSPFllE twice;
static struct IA2_fnptr__ZTSPFlllE sum;
static volatile sig_atomic_t handled, wrong;

IA2_STATIC_FN(own, _ZTSPFllE, main_c) static long own(long n) { return n + 3; } IA2_REGISTER_LOCAL(own, 0x5372cf84ba26e9b5)

static long once(struct IA2_fnptr__ZTSPFllE home)
{
    /* ((2 * (1 + 1)) + 3) + (1 + 2) = 10 */
    return IA2_CALL(sum, _ZTSPFlllE)(IA2_CALL(home, _ZTSPFllE)(IA2_CALL(twice, _ZTSPFllE)(IA2_CALL(up, _ZTSPFllE)(1))), IA2_CALL(sum, _ZTSPFlllE)(IA2_CALL(up, _ZTSPFllE)(0), IA2_CALL(twice, _ZTSPFllE)(IA2_CALL(up, _ZTSPFllE)(0))));
}

static void interrupted(int signal)
{
    struct IA2_fnptr__ZTSPFllE home = {IA2_FN_ADDR(own)};
    (void)signal;
    if (IA2_CALL(sum, _ZTSPFlllE)(IA2_CALL(twice, _ZTSPFllE)(IA2_CALL(home, _ZTSPFllE)(IA2_CALL(up, _ZTSPFllE)(IA2_CALL(twice, _ZTSPFllE)(IA2_CALL(up, _ZTSPFllE)(4))))), IA2_CALL(up, _ZTSPFllE)(IA2_CALL(home, _ZTSPFllE)(IA2_CALL(sum, _ZTSPFlllE)(IA2_CALL(up, _ZTSPFllE)(IA2_CALL(up, _ZTSPFllE)(30)), IA2_CALL(home, _ZTSPFllE)(IA2_CALL(up, _ZTSPFllE)(38))))))
        != 106)
        wrong = 1;
    handled++;
}

static void *work(void *result)
{
    struct IA2_fnptr__ZTSPFllE home = {IA2_FN_ADDR(own)};
    long total = 0;
    for (int round = 0; round < ROUNDS; round++)
        total = IA2_CALL(sum, _ZTSPFlllE)(total, once(home));
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
    printf("pairs: %ld %ld\n", IA2_CALL(sum, _ZTSPFlllE)(IA2_CALL(sum, _ZTSPFlllE)(1, 2), IA2_CALL(sum, _ZTSPFlllE)(1, 2)), IA2_CALL(sum, _ZTSPFlllE)(IA2_CALL(twice, _ZTSPFllE)(IA2_CALL(twice, _ZTSPFllE)(3)), IA2_CALL(twice, _ZTSPFllE)(IA2_CALL(sum, _ZTSPFlllE)(3, IA2_CALL(up, _ZTSPFllE)(2)))));
    return 0;
}
IA2_NEED(steps_sum)
IA2_NEED(steps_twice)
IA2_NEED(steps_up)
IA2_NEED(walker_thrice)

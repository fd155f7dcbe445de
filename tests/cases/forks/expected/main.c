#include <ia2.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "forker.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int in_parent;
static int in_child;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile int stop;

IA2_STATIC_FN(prepare, _ZTSPFvvE, main_c) static void prepare(void) { pthread_mutex_lock(&lock); } IA2_REGISTER_LOCAL(prepare, 0xc055cbcc254567ce)
IA2_STATIC_FN(parent, _ZTSPFvvE, main_c) static void parent(void) { in_parent++; pthread_mutex_unlock(&lock); } IA2_REGISTER_LOCAL(parent, 0x869b3db00da058f8)
IA2_STATIC_FN(child, _ZTSPFvvE, main_c) static void child(void) { in_child++; pthread_mutex_unlock(&lock); } IA2_REGISTER_LOCAL(child, 0xe330baa07fe2cca5)

static void *churn(void *argument)
{
    while (!stop)
        forker_work(3);
    return argument;
}

static void *forks(void *argument)
{
    int status;
    pid_t id = fork();
    if (id == 0) {
        /* The thread that forked goes on, in both compartments, and makes threads. */
        pthread_t thread;
        stop = 1;
        pthread_create(&thread, NULL, churn, NULL);
        pthread_join(thread, NULL);
        printf("child of thread %d %d\n", in_child, forker_work(2) - 2 > 100);
        fflush(stdout);
        _exit(5);
    }
    waitpid(id, &status, 0);
    return (void *)(long)WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
    pthread_t churners[2];
    pthread_t forker;
    void *result;

    if (!strcmp(argv[1], "spawned"))
        return 6;
    if (!strcmp(argv[1], "exec"))
        return forker_work(0) == 7 ? 3 : 4;
    forker_prepare();
    pthread_atfork(prepare, parent, child);
    printf("forks %d\n", forker_fork());
    fflush(stdout);
    for (int i = 0; i < 2; i++)
        pthread_create(&churners[i], NULL, churn, NULL);
    for (int i = 0; i < 5; i++) {
        pthread_create(&forker, NULL, forks, NULL);
        pthread_join(forker, &result);
        printf("ended with %ld\n", (long)result);
        fflush(stdout);
    }
    stop = 1;
    for (int i = 0; i < 2; i++)
        pthread_join(churners[i], NULL);
    printf("parent %d child %d\n", in_parent, in_child);
    fflush(stdout);
    if (!strcmp(argv[1], "attack")) {
        int status;
        pid_t id = fork();
        if (id == 0) {
            forker_poke(&in_parent);
            _exit(0);
        }
        waitpid(id, &status, 0);
        if (WIFSIGNALED(status))
            raise(WTERMSIG(status));
        return 0;
    }
    execl("/proc/self/exe", argv[0], "exec", (char *)NULL);
    return 1;
}
IA2_NEED(forker_fork)
IA2_NEED(forker_poke)
IA2_NEED(forker_prepare)
IA2_NEED(forker_work)

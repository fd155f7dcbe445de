#define _GNU_SOURCE
#include <ia2.h>
#include "more.h"
#include "parts.h"

INIT_RUNTIME(5);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int hidden = 7;
static volatile int stop;

IA2_STATIC_FN(busy, _ZTSPFPvS_E, main_c) static void *busy(void *argument)
{
    while (!stop) {
        free(strdup("busy"));
        usleep(100);
    }
    return argument;
} IA2_REGISTER_LOCAL(busy, 0x85db74d89c824c34)

/* A daemon that starts itself again, and gives its child what it has opened. */
static int again(char **argv)
{
    char *arguments[] = {argv[0], (char *)"again", NULL};
    char *environment[] = {(char *)"IT=again", NULL};
    int status;
    pid_t child = fork();

    if (child == 0) {
        execve("/proc/self/exe", arguments, environment);
        _exit(9);
    }
    waitpid(child, &status, 0);
    printf("again %d\n", WEXITSTATUS(status));
    return WEXITSTATUS(status) != 3;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    pthread_t threads[2];
    int wrong = 0;

    if (!strcmp(what, "poke"))
        return fifth_peek(&hidden) != 7;
    if (!strcmp(what, "again"))
        return getenv("IT") && !strcmp(getenv("IT"), "again") ? 3 : 4;
    setvbuf(stdout, NULL, _IOLBF, 1024);
    for (int i = 0; *what && i < 2; i++)
        pthread_create(&threads[i], NULL, busy, NULL);
    for (int round = 0; round < 2; round++) {
        wrong += use_more("main", round);
        wrong += fourth_use(round);
        wrong += fifth_use(round);
    }
    wrong += again(argv);
    /* Virtual time: only what is at work is interrupted. */
    fifth_ring(1000);
    while (fifth_rung() < 20)
        wrong += fourth_churn(3000);
    fifth_ring(0);
    stop = 1;
    for (int i = 0; *what && i < 2; i++)
        pthread_join(threads[i], NULL);
    return wrong;
}
IA2_NEED(fifth_peek)
IA2_NEED(fifth_ring)
IA2_NEED(fifth_rung)
IA2_NEED(fifth_use)
IA2_NEED(fourth_churn)
IA2_NEED(fourth_use)
IA2_REGISTER_LOCAL(printf, 0x7b5ec8a88e0f3b52)

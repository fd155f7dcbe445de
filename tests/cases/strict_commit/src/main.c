#include <errno.h>
#include <ia2.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "store.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

enum { MOST = 4096 };

static pthread_mutex_t hold = PTHREAD_MUTEX_INITIALIZER;
static char *blocks[MOST];

static int fill(int most)
{
    int count = 0;
    while (count < most && (blocks[count] = malloc(1 << 20)))
        memset(blocks[count++], 1, 64);
    return count;
}

static void empty(int count)
{
    while (count)
        free(blocks[--count]);
}

static void *wait_and_count(void *argument)
{
    pthread_mutex_lock(&hold);
    pthread_mutex_unlock(&hold);
    return (void *)(long)store_count((int)(long)argument);
}

/* Threads that live at the same time, at most so many. */
static int threads(int most)
{
    static pthread_t started[MOST];
    int count = 0, wrong = 0, status = 0;
    pthread_mutex_lock(&hold);
    while (count < most && !(status = pthread_create(&started[count], NULL, wait_and_count, (void *)(long)count)))
        count++;
    pthread_mutex_unlock(&hold);
    for (int i = 0; i < count; i++) {
        void *result;
        pthread_join(started[i], &result);
        wrong += (long)result != i + 1;
    }
    if (wrong || (status && status != EAGAIN))
        printf("%d threads wrong, status %d\n", wrong, status);
    return count;
}

static int all(const char *what, int count)
{
    printf("%s: %s\n", what, count > 4 && count < MOST ? "refused in the end" : "never refused");
    return count;
}

/* usage: main [main|store|threads|poke]: who takes all there is, and some again. */
int main(int argc, char **argv)
{
    const char *who = argc > 1 ? argv[1] : "";

    if (!strcmp(who, "poke") && store_fill(1))
        *store_last() = 1;
    if (!strcmp(who, "main")) {
        empty(all(who, fill(MOST)));
        printf("%d\n", fill(8));
        return 0;
    }
    if (!strcmp(who, "store")) {
        all(who, store_fill(MOST));
        store_empty();
        printf("%d\n", store_fill(8));
        return 0;
    }
    if (!strcmp(who, "threads")) {
        all(who, threads(MOST));
        printf("%d\n", threads(8));
        return 0;
    }
    int mine = fill(8), theirs = store_fill(8), live = threads(4);
    printf("main: %d blocks, store: %d blocks, %d threads\n", mine, theirs, live);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        printf("child: %d\n", store_fill(1));
        fflush(stdout);
        _exit(0);
    }
    int status = 1;
    waitpid(child, &status, 0);
    return status;
}

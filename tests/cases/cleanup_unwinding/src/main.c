#define _GNU_SOURCE
#include <ia2.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

enum { EXIT, CANCEL, POP };

static int main_count, depth, how;
static char order[256];

static void note(void *text)
{
    main_count++;
    strcat(order, text);
}

static void end_text(const char **text) { strcat(order, *text); }

static int inner(int how)
{
    __attribute__((cleanup(end_text))) const char *here = "variable ";
    pthread_cleanup_push(note, "inner ");
    if (how == EXIT && depth == 1)
        pthread_exit((void *)7);
    while (how == CANCEL && depth == 1)
        pause();
    if (how != POP)
        lib_end(how);
    pthread_cleanup_pop(1);
    return 3;
}

static int *poke;

/* Nobody pushes a handler: what ends is variables alone, in turn, in both compartments. */
static int deeper(int how)
{
    __attribute__((cleanup(end_text))) const char *here = "deeper ";
    lib_stop(how);
    return 0;
}

static int deep(int how)
{
    __attribute__((cleanup(end_text))) const char *here = "deep ";
    return lib_plainly(deeper, how);
}

static void *work(void *argument)
{
    int result = 0;
    __attribute__((cleanup(end_text))) const char *first = "first ";
    if (depth == 3)
        result = lib_plainly(deep, how);
    pthread_cleanup_push(note, "outer ");
    pthread_cleanup_push(note, "middle ");
    if (depth == 0 && how == EXIT)
        pthread_exit((void *)7);
    while (depth == 0 && how == CANCEL)
        pause();
    result = lib_through(inner, how, poke);
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(1);
    return (void *)(long)(result + *(int *)argument);
}

/* The first thread ends, another one goes on. */
static pthread_t first_thread;

static void *end_first(void *argument)
{
    void *result;

    pthread_cancel(first_thread);
    pthread_join(first_thread, &result);
    printf("first: %s%ld, %d\n", order, (long)result, lib_ended());
    exit(0);
    return argument;
}

/* usage: main exit|cancel|pop|poke|first DEPTH: where the thread is when it ends. */
int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    pthread_t thread;
    void *result;
    int four = 4;

    how = !strcmp(what, "exit") || !strcmp(what, "poke") ? EXIT : !strcmp(what, "cancel") ? CANCEL : POP;
    poke = !strcmp(what, "poke") ? &main_count : NULL;
    depth = argc > 2 ? atoi(argv[2]) : 0;
    if (!strcmp(what, "first")) {
        first_thread = pthread_self();
        how = CANCEL;
        pthread_create(&thread, NULL, end_first, NULL);
        work(&four);
    }
    for (int round = 0; round < 3; round++) {
        order[0] = 0;
        pthread_create(&thread, NULL, work, &four);
        usleep(2000 * round);
        if (how == CANCEL)
            pthread_cancel(thread);
        pthread_join(thread, &result);
        if (how != CANCEL || round == 2)
            printf("%s: %s%ld, %d, %d\n", what, order, (long)result, lib_cleaned(), lib_ended());
    }
    return 0;
}

#include <ia2.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "main.h"
#include "part2.h"
#include "part15.h"

INIT_RUNTIME(15);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

#define SUM (2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10 + 11 + 12 + 13 + 14 + 15)
static sem_t go, ready;

int main_last(int x) { return x; }

static int mappings(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    int lines = 0, c;
    while ((c = getc(maps)) != EOF)
        lines += c == '\n';
    fclose(maps);
    return lines;
}

static void *brief(void *argument) { return (void *)(long)part_2((int)(long)argument); }

static void *live(void *argument)
{
    long result = part_2((int)(long)argument);
    sem_post(&ready);
    sem_wait(&go);
    return (void *)(result + part_2(1) * 0);
}

/* Threads at a time; how many results were wrong. */
static int run(int count, void *(*start)(void *), int together)
{
    pthread_t *threads = calloc((size_t)together, sizeof *threads);
    int wrong = 0;
    for (int done = 0; done < count; done += together) {
        for (int i = 0; i < together; i++)
            if (pthread_create(&threads[i], NULL, start, (void *)(long)i)) {
                printf("thread %d: cannot be created\n", done + i);
                exit(1);
            }
        if (start == live) {
            for (int i = 0; i < together; i++)
                sem_wait(&ready);
            for (int i = 0; i < together; i++)
                sem_post(&go);
        }
        for (int i = 0; i < together; i++) {
            void *result;
            pthread_join(threads[i], &result);
            wrong += (long)result != i + SUM;
        }
    }
    free(threads);
    return wrong;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    int count = argc > 2 ? atoi(argv[2]) : 0;

    sem_init(&go, 0, 0);
    sem_init(&ready, 0, 0);
    printf("%d\n", part_2(1));
    fflush(stdout);
    if (!strcmp(what, "poke"))
        *part_15_private() = 1;
    int is_live = !strcmp(what, "live");
    if (count) {
        /* What is kept for later threads is there now. */
        int together = is_live ? count : 8;
        int wrong = run(together, live, together);
        int before = mappings();
        wrong += run(count, is_live ? live : brief, together);
        int after = mappings();
        printf("%s: %d wrong, %s\n", what, wrong, after <= before + 8 ? "nothing left" : "mappings left");
        if (after > before + 8)
            printf("%d mappings before, %d after\n", before, after);
    }
    return 0;
}

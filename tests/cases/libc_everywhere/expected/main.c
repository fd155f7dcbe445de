#define _GNU_SOURCE
#include <ia2.h>
#include <pthread.h>
#include "use.h"
#include "open.h"
#include "second.h"
#include "third.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static char program[256] IA2_SHARED_DATA;
static volatile int stop;

static void *busy(void *argument)
{
    while (!stop)
        free(strdup("busy"));
    return argument;
}

int main(int argc, char **argv)
{
    pthread_t threads[2];

    if (argc > 1 && !strcmp(argv[1], "child"))
        return 33;
    if (argc > 1 && !strcmp(argv[1], "poke")) {
        char *block = strdup("private");
        return second_peek(block) != 'p';
    }
    setvbuf(stdout, NULL, _IOLBF, 1024);
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = 0;
    int with_threads = argc > 1;
    for (int i = 0; with_threads && i < 2; i++)
        pthread_create(&threads[i], NULL, busy, NULL);
    int wrong = use_everything(program, "main") + second_use(program) + third_use(program) + open_use(program);
    printf("%s %s %s\n", getenv("IA2_MINE_main"), getenv("IA2_MINE_second"), getenv("IA2_MINE_third"));
    stop = 1;
    for (int i = 0; with_threads && i < 2; i++)
        pthread_join(threads[i], NULL);
    return wrong;
}
IA2_NEED(open_use)
IA2_NEED(second_peek)
IA2_NEED(second_use)
IA2_NEED(third_use)
IA2_REGISTER_LOCAL(alphasort, 0x16d032da71b8edf5)

#define _GNU_SOURCE
#include <ia2.h>
#include "use.h"
#include "parts.h"

INIT_RUNTIME(5);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int hidden = 7;
static volatile int stop;

static void *busy(void *argument)
{
    while (!stop) {
        free(strdup("busy"));
        usleep(100);
    }
    return argument;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    pthread_t threads[2];

    if (!strcmp(what, "poke"))
        return fifth_peek(&hidden) != 7;
    setvbuf(stdout, NULL, _IOLBF, 1024);
    for (int i = 0; *what && i < 2; i++)
        pthread_create(&threads[i], NULL, busy, NULL);
    int wrong = use_everything("main") + second_use() + fifth_use() + open_use();
    /* What others have left open, too. */
    fflush(NULL);
    wrong += check_streams() + second_flush() + fifth_flush() + open_flush();
    stop = 1;
    for (int i = 0; *what && i < 2; i++)
        pthread_join(threads[i], NULL);
    return wrong;
}

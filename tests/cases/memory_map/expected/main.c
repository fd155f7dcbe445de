#include <ia2.h>
#include <ia2_allocator.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "other.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int mine;
static __thread int local;
IA2_SHARED_DATA int shared = 1;

int main(int argc, char **argv)
{
    char *block = malloc(100);
    char *everybodys = shared_malloc(100);

    mine = other_call() + shared;
    local = mine;
    memset(block, 1, 100);
    memset(everybodys, 1, 100);
    /* The plain program would end; IA2_MAP_SIGNAL takes the signal from it. */
    if (!strcmp(argv[1], "signal"))
        signal(SIGUSR1, SIG_IGN);
    if (!strcmp(argv[1], "signal"))
        raise(SIGUSR1);
    else
        ia2_print_memory_map();
    printf("mine %d %d\n", mine, local);
    free(block);
    shared_free(everybodys);
    return 0;
}
IA2_NEED(other_call)
IA2_TLS_PAD;

#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "spy.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int secret = 42;
static __thread int local_secret = 43;
IA2_SHARED_DATA int shared = 44;

int main(int argc, char **argv)
{
    int on_stack = 45;
    int *on_heap = malloc(sizeof *on_heap);
    int *on_shared_heap = shared_malloc(sizeof *on_shared_heap);
    int *target = &shared;

    *on_heap = 46;
    *on_shared_heap = 47;
    printf("shared %d %d\n", spy_read(&shared), spy_read(on_shared_heap));
    spy_write(&shared, 1);
    spy_write(on_shared_heap, 2);
    printf("shared %d %d\n", shared, *on_shared_heap);
    printf("own %d %d %d %d\n", secret, local_secret, on_stack, *on_heap);
    fflush(stdout);
    if (argc < 3)
        return 0;
    if (!strcmp(argv[2], "global"))
        target = &secret;
    else if (!strcmp(argv[2], "heap"))
        target = on_heap;
    else if (!strcmp(argv[2], "stack"))
        target = &on_stack;
    else if (!strcmp(argv[2], "tls"))
        target = &local_secret;
    if (!strcmp(argv[1], "read"))
        printf("%d\n", spy_read(target));
    else
        spy_write(target, 99);
    free(on_heap);
    shared_free(on_shared_heap);
    return 0;
}

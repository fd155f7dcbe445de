#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "foo.h"

INIT_RUNTIME(2);

#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static long global = 11;
static _Thread_local long local = 44;

int main(int argc, char **argv)
{
    long on_stack = 33;
    long *on_heap = malloc(sizeof *on_heap);
    *on_heap = 22;

    for (uint32_t i = 1; i <= 10; i++)
        foo_add(i * i);
    struct foo_sum sum = foo_result();
    printf("%s: %llu in %u, mean %.2f\n", foo_name(), (unsigned long long)sum.total, sum.count, sum.mean);

    char *text = shared_strdup("what both may read");
    char *copy = shared_malloc(64);
    foo_copy(copy, text, strlen(text) + 1);
    printf("%s\n", copy);
    shared_free(copy);
    shared_free(text);

    if (argc > 2) {
        long *at = !strcmp(argv[2], "global") ? &global
            : !strcmp(argv[2], "heap") ? on_heap
            : !strcmp(argv[2], "stack") ? &on_stack
            : &local;
        fflush(stdout);
        if (!strcmp(argv[1], "peek"))
            printf("peeked %ld\n", foo_peek(at));
        else
            foo_poke(at, 99);
    }
    printf("%ld %ld %ld\n", global, *on_heap, on_stack);
    free(on_heap);
    return 0;
}

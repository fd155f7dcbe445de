#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include "five.h"
INIT_RUNTIME(5);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int step = 3;
static int add_step(int x) { return x + step; }

int main(int argc, char **argv)
{
    int *values = shared_calloc(4, sizeof *values);
    printf("%d\n", five_map(values, 4, add_step));
    printf("%d\n", five_map(values, 4, five_get()));
    printf("%d %u\n", five_get()(values[3]), five_rights());
    shared_free(values);
    fflush(stdout);
    if (argc > 1)
        printf("%d\n", five_array()[2]);
    return 0;
}

#include <ia2.h>
#include <stdio.h>
#include "plugin.h"

INIT_RUNTIME(1);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int secret = 7;
IA2_SHARED_DATA int open_to_all;
int host_level(void) { return secret; }
static int next(int n) { return n * secret; }

int main(int argc, char **argv)
{
    printf("sum %d\n", plugin_sum(4, next));
    printf("sum %d\n", plugin_sum(1, next));
    plugin_set(&open_to_all, 3);
    printf("shared %d\n", open_to_all);
    fflush(stdout);
    if (argc > 1)
        plugin_set(&secret, 0);
    return 0;
}

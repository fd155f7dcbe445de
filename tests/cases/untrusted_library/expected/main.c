#include <ia2.h>
#include <stdio.h>
#include "plugin.h"

INIT_RUNTIME(1);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int secret = 7;
IA2_SHARED_DATA int open_to_all;
int host_level(void) { return secret; } IA2_REGISTER(host_level, 0xe1827d0387c73221)
IA2_STATIC_FN(next, _ZTSPFiiE, main_c) static int next(int n) { return n * secret; } IA2_REGISTER_LOCAL(next, 0x6df5587a417d964b)

int main(int argc, char **argv)
{
    printf("sum %d\n", plugin_sum(4, IA2_FN(next)));
    printf("sum %d\n", plugin_sum(1, IA2_FN(next)));
    plugin_set(&open_to_all, 3);
    printf("shared %d\n", open_to_all);
    fflush(stdout);
    if (argc > 1)
        plugin_set(&secret, 0);
    return 0;
}
IA2_NEED(plugin_set)
IA2_NEED(plugin_sum)

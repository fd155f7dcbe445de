#define _GNU_SOURCE
#include "plugin.h"

#include <dlfcn.h>
#include <ia2.h>
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

static int base = 3;

/* The same name as in the other plugin. */
int plugin_run_it(int value)
{
    base += value;
    return base;
}

int plugin_whole(int value)
{
    return value - value % 100;
}

int second_plugin(void)
{
    return 1;
}

void *second_abs(void)
{
    return dlsym(RTLD_DEFAULT, "abs");
}

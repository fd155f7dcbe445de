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
} IA2_REGISTER(plugin_run_it, 0x2d6e5b4541b8e2c5)

int plugin_whole(int value)
{
    return value - value % 100;
} IA2_REGISTER(plugin_whole, 0xf28ad8b5e8710c77)

int second_plugin(void)
{
    return 1;
} IA2_REGISTER(second_plugin, 0x1d4a21d84321baf4)

void *second_abs(void)
{
    return dlsym(RTLD_DEFAULT, "abs");
} IA2_REGISTER(second_abs, 0xddc2ab7b43771a0e)

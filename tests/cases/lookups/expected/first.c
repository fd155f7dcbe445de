#include <stdarg.h>
#include "plugin.h"

#include <ia2.h>
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int calls;

int plugin_run_it(int value)
{
    calls++;
    return 2 * value;
} IA2_REGISTER(plugin_run_it, 0x2d6e5b4541b8e2c5)

struct pair plugin_pair(double middle, double width)
{
    struct pair pair = {middle - width, middle + width};
    return pair;
} IA2_REGISTER(plugin_pair, 0x89516cf236753de1)

int plugin_sum(int count, int a, int b)
{
    return a + b + count * calls;
} IA2_REGISTER(plugin_sum, 0x67adc9d61b9b708d)

int plugin_total(int count, ...)
{
    va_list list;
    int total = 0;
    va_start(list, count);
    while (count--)
        total += va_arg(list, int);
    va_end(list);
    return total;
} IA2_REGISTER(plugin_total, 0x3d8a3b856df6409c)

int first_plugin(void)
{
    return 1;
} IA2_REGISTER(first_plugin, 0xaaf04efdaf6da917)

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
}

struct pair plugin_pair(double middle, double width)
{
    struct pair pair = {middle - width, middle + width};
    return pair;
}

int plugin_sum(int count, int a, int b)
{
    return a + b + count * calls;
}

int plugin_total(int count, ...)
{
    va_list list;
    int total = 0;
    va_start(list, count);
    while (count--)
        total += va_arg(list, int);
    va_end(list);
    return total;
}

int first_plugin(void)
{
    return 1;
}

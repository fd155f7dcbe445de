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

int first_plugin(void)
{
    return 1;
}

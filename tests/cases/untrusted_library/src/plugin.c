#include "plugin.h"
static int sums;
int plugin_sum(int n, int (*next)(int))
{
    int sum = host_level() + sums++;
    while (n-- > 0)
        sum += next(n);
    return sum;
}
void plugin_set(int *p, int value) { *p = value; }

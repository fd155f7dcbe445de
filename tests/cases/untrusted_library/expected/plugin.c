#include "plugin.h"
static int sums;
int plugin_sum(int n, struct IA2_fnptr__ZTSPFiiE next)
{
    int sum = host_level() + sums++;
    while (n-- > 0)
        sum += IA2_CALL(next, _ZTSPFiiE)(n);
    return sum;
} IA2_REGISTER(plugin_sum, 0xf8130d4e2f903c1c)
void plugin_set(int *p, int value) { *p = value; } IA2_REGISTER(plugin_set, 0xc129eb3d42c3bb6b)
IA2_NEED(host_level)

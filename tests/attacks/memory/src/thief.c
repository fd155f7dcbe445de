#include <ia2.h>
#include <attack.h>
#include "parts.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

void thief_read(const void *from)
{
    take(from, 16);
}

void thief_write(void *to)
{
    memset(to, 0, 16);
}

int thief_sum(const int *numbers, int count)
{
    int sum = 0;

    while (count-- > 0)
        sum += numbers[count];
    return sum;
}

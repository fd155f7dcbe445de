#include "log.h"

#include <ia2.h>
#include <stdio.h>
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int log_list(int count, va_list list)
{
    int sum = 0;
    while (count-- > 0)
        sum += va_arg(list, int);
    return printf("%d\n", sum);
}

#include "log.h"

#include <ia2.h>

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int say(int count, ...)
{
    va_list list;
    va_start(list, count);
    int length = log_list(count, list);
    va_end(list);
    return length;
}

int main(void)
{
    return say(2, 3, 4) == 2 ? 0 : 1;
}

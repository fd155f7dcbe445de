#include "log.h"

#include <ia2.h>

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int say(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int length = log_list(format, list);
    va_end(list);
    return length;
}

int main(void)
{
    return say("%d\n", 3) == 2 ? 0 : 1;
}

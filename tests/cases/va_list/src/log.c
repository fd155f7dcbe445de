#include "log.h"

#include <ia2.h>
#include <stdio.h>
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int log_list(const char *format, va_list list)
{
    return vprintf(format, list);
}

#include "log.h"

#include <ia2.h>
#include <stdio.h>
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int calls;

int log_list(const char *format, va_list list)
{
    calls++;
    return vprintf(format, list);
}

int log_level(int level, const char *where, const char *format, va_list list)
{
    va_list again;
    int length;

    va_copy(again, list);
    printf("[%d %s] ", level, where);
    length = log_list(format, list) + log_list(format, again);
    va_end(again);
    return length;
}

int log_own(const char *format, va_list list)
{
    for (; *format; format++) {
        if (*format != '%')
            putchar(*format);
        else if (*++format == 'q')
            printf("<%s>", va_arg(list, const char *));
        else if (*format == 'w')
            printf("%d", va_arg(list, int));
    }
    return calls;
}

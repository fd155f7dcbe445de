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
} IA2_REGISTER(log_list, 0x4eddcacd41d954c4)

int log_level(int level, const char *where, const char *format, va_list list)
{
    va_list again;
    int length;

    va_copy(again, list);
    printf("[%d %s] ", level, where);
    length = log_list(format, list) + log_list(format, again);
    va_end(again);
    return length;
} IA2_REGISTER(log_level, 0x36158bf851a3692a)

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
} IA2_REGISTER(log_own, 0x8bc828e58e2f9705)

#include "log.h"

#include <ia2.h>
#include <stdio.h>

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

#define LOG(level, format, list) log_level(level, __func__, format, list)

static int passed_on(const char *format, va_list list) { return __extension__ ({ IA2_LIST(format, list); log_list(format, ia2_list); }); }

static int say(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int length = __extension__ ({ IA2_LIST(format, list); log_list(format, ia2_list); });
    va_end(list);
    va_start(list, format);
    length += passed_on(format, list);
    va_end(list);
    return length;
}

static int say_at(int a, int b, int c, int d, double e, struct logger *logger, ...)
{
    va_list list;
    int length;

    va_start(list, logger);
    length = a + b + c + d + (int)e + __extension__ ({ IA2_LIST(logger->format, list); log_level(logger->level, __func__, logger->format, ia2_list); });
    va_end(list);
    return length;
}

static int own(const char *format, ...)
{
    va_list list;
    int calls;

    va_start(list, format);
    calls = __extension__ ({ IA2_LIST(format, list); log_own(format, ia2_list); });
    va_end(list);
    return calls;
}

int main(int argc, char **argv)
{
    struct logger logger = { "%s %*d %g %c\n", 3 };

    (void)argv;
    printf("%d\n", say("none %% %m\n"));
    printf("%d\n", say("%d %s %c %p\n", 1, "two", '3', (void *)4));
    printf("%d\n", say("%d %d %d %d %d %d %d %d %ld\n", 1, 2, 3, 4, 5, 6, 7, 8, 9L));
    printf("%d\n", say("%g %f %e %g %g %g %g %g %g %a\n", 1., 2., 3., 4., 5., 6., 7., 8., 9., 10.));
    printf("%d\n", say("%Lg %d %Lg %s\n", 1.5L, 2, 2.5L, "end"));
    printf("%d\n", say("%d %d %d %d %d %d %Lg %d %Lg\n", 1, 2, 3, 4, 5, 6, 7.5L, 8, 9.5L));
    printf("%d\n",
           say("%*d|%-*.*f|%hhd|%lld|%zu|%.3s\n", 5, 1, 8, 2, 3.14159, 4, 5LL, sizeof(int), "abcdef"));
    printf("%d\n", say("%2$d %1$d\n", 1, 2));
    printf("%d\n", say_at(1, 2, 3, 4, 5., &logger, "text", 6, 7, 1.25, 'x'));
    printf("%d\n", own("own %q %w %q%q %w\n", "a", 1, "b", "c", 2));
    fflush(stdout);
    if (argc > 1) {
        /* The string is still this compartment's own. */
        char text[] = "private";
        say("%s\n", text);
    }
    return 0;
}
IA2_NEED(log_level)
IA2_NEED(log_list)
IA2_NEED(log_own)

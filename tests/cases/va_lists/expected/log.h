#include <stdarg.h>

int log_list(const char *format, va_list list);
int log_level(int level, const char *where, const char *format, va_list list);
/* Formats of its own: %q takes a string, %w a number. */
int log_own(const char *format, va_list list);

struct logger {
    const char *format;
    int level;
};

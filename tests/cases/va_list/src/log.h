#include <stdarg.h>

int log_list(const char *format, va_list list);

#include <stdarg.h>

int log_list(int count, va_list list);

#ifndef LIB_H
#define LIB_H
#include <stddef.h>

typedef void (*print_fn)(void *context, const char *text, size_t length);
typedef int (*append_fn)(void *context, const char *text, size_t length);
typedef void (*handler_fn)(int number);
typedef handler_fn (*choose_fn)(int which);

struct generator { print_fn print; void *context; };

void lib_start(struct generator *generator);
int lib_is_own(const struct generator *generator);
int lib_emit(struct generator *generator, const char *text);
int lib_append(void *context, const char *text, size_t length);
void lib_set(handler_fn handler);
int lib_is_set(handler_fn handler);
choose_fn lib_chooser(void);

#endif

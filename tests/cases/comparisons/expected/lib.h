#ifndef LIB_H
#define LIB_H
#include <stddef.h>

typedef struct IA2_fnptr__ZTSPFvPvPKcmE print_fn;
typedef struct IA2_fnptr__ZTSPFiPvPKcmE append_fn;
typedef struct IA2_fnptr__ZTSPFviE handler_fn;
typedef struct IA2_fnptr__ZTSPFPFviEiE choose_fn;

struct generator { print_fn print; void *context; };

void lib_start(struct generator *generator);
int lib_is_own(const struct generator *generator);
int lib_emit(struct generator *generator, const char *text);
int lib_append(void *context, const char *text, size_t length);
void lib_set(handler_fn handler);
int lib_is_set(handler_fn handler);
choose_fn lib_chooser(void);

#endif

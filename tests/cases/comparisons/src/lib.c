#include <ia2.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static size_t appended;
static handler_fn kept;

int lib_append(void *context, const char *text, size_t length)
{
    (void)context;
    (void)text;
    appended += length;
    return (int)appended;
}

/* The function is called by another type than its own, and told from others by that type. */
void lib_start(struct generator *generator)
{
    generator->print = (print_fn)&lib_append;
    generator->context = NULL;
}

int lib_is_own(const struct generator *generator)
{
    if (generator->print != (print_fn)&lib_append)
        return 0;
    return (print_fn)lib_append == generator->print;
}

int lib_emit(struct generator *generator, const char *text)
{
    generator->print(generator->context, text, 3);
    return (int)appended;
}

void lib_set(handler_fn handler)
{
    kept = handler;
}

int lib_is_set(handler_fn handler)
{
    return kept == handler;
}

static handler_fn choose(int which)
{
    return which ? kept : 0;
}

choose_fn lib_chooser(void)
{
    return choose;
}

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
} IA2_REGISTER(lib_append, 0x86de013c4cbe9b09)

/* The function is called by another type than its own, and told from others by that type. */
void lib_start(struct generator *generator)
{
    generator->print = (print_fn){IA2_FN_ADDR_AS(lib_append, _ZTSPFvPvPKcmE)};
    generator->context = NULL;
} IA2_REGISTER(lib_start, 0x177bc40401618fc)

int lib_is_own(const struct generator *generator)
{
    if (IA2_IDENTITY(generator->print) != (void *)IA2_FN_IDENTITY(lib_append))
        return 0;
    return (void *)IA2_FN_IDENTITY(lib_append) == IA2_IDENTITY(generator->print);
} IA2_REGISTER(lib_is_own, 0x5f56916588c915c9)

int lib_emit(struct generator *generator, const char *text)
{
    IA2_CALL(generator->print, _ZTSPFvPvPKcmE)(generator->context, text, 3);
    return (int)appended;
} IA2_REGISTER(lib_emit, 0xfa22b83b5ea69fca)

void lib_set(handler_fn handler)
{
    kept = handler;
} IA2_REGISTER(lib_set, 0xe8ffb52d8b73e10a)

int lib_is_set(handler_fn handler)
{
    return IA2_IDENTITY(kept) == IA2_IDENTITY(handler);
} IA2_REGISTER(lib_is_set, 0x93c23127dcb9afdc)

IA2_STATIC_FN(choose, _ZTSPFPFviEiE, lib_c) static handler_fn choose(int which)
{
    return which ? kept : IA2_OPAQUE(_ZTSPFviE, 0);
} IA2_REGISTER_LOCAL(choose, 0x41a5bb736024e467)

choose_fn lib_chooser(void)
{
    return IA2_FN(choose);
} IA2_REGISTER(lib_chooser, 0x475e12c4c49ac6e3)

#include <ia2.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

#define local static
local int offset = 10;
IA2_STATIC_FN(plus, _ZTSPFiiE, lib_c) local int plus(int x) { return x + offset; } IA2_REGISTER_LOCAL(plus, 0x24fa141c34313654)

#define DEFINE_EVENT(name, k) static int on_##name(int x) { return x * k + offset; }
IA2_STATIC_FN(on_close, _ZTSPFiiE, lib_c) IA2_STATIC_FN(on_open, _ZTSPFiiE, lib_c) EVENTS(DEFINE_EVENT) IA2_REGISTER_LOCAL(on_close, 0xb270fa0c1743e0c2) IA2_REGISTER_LOCAL(on_open, 0x3a6d99089790e193)
#define EVENT_ENTRY(name, k) { #name, on_##name },
static const struct { const char *name; fn f; } events[] = { { "open", {IA2_FN_ADDR(on_open)} }, { "close", {IA2_FN_ADDR(on_close)} }, };
#define EVENT_SUM(name, k) + on_##name(k) + IA2_CALL(events[k - 1].f, _ZTSPFiiE)(k)

int lib_run(struct parser *parser, int x)
{
    int *p = MALLOC(parser, sizeof *p);
    int result;

    *p = x;
    result = APPLY(parser->handlers[0], *p) + APPLY(HANDLER(parser, 1), *p);
    if (IA2_ADDR(parser->handlers[0]) == SENTINEL || IA2_IDENTITY(parser->memory.on_error) == IA2_FN_IDENTITY(plus))
        result = -1;
    FREE(parser, p);
    return result + (IA2_ADDR(parser->memory.on_error) ? IA2_CALL(parser->memory.on_error, _ZTSPFiiE)(1) : 0);
} IA2_REGISTER(lib_run, 0xab70e24d0a2dcd30)
fn lib_default(void) { return IA2_FN(plus); } IA2_REGISTER(lib_default, 0xd5391d14feb18787)
struct IA2_fnptr__ZTSPFiiE lib_spelled(void) { return IA2_FN(plus); } IA2_REGISTER(lib_spelled, 0xb134033a750f7db4)
int lib_sum(fn f) { return APPLY(f, 1) EVENTS(EVENT_SUM); } IA2_REGISTER(lib_sum, 0x9677c346fc23eaae)
int lib_events(const char **names, fn *out)
{
    int n = 0;
#define STORE(name, k) names[n] = #name; out[n++] = on_##name;
    names[n] = "open"; out[n++] = IA2_FN(on_open); names[n] = "close"; out[n++] = IA2_FN(on_close);
    return n;
} IA2_REGISTER(lib_events, 0xb0ff90219f2f761d)

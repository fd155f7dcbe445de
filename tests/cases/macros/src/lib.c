#include <ia2.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

#define local static
local int offset = 10;
local int plus(int x) { return x + offset; }

#define DEFINE_EVENT(name, k) static int on_##name(int x) { return x * k + offset; }
EVENTS(DEFINE_EVENT)
#define EVENT_ENTRY(name, k) { #name, on_##name },
static const struct { const char *name; fn f; } events[] = { EVENTS(EVENT_ENTRY) };
#define EVENT_SUM(name, k) + on_##name(k) + events[k - 1].f(k)

int lib_run(struct parser *parser, int x)
{
    int *p = MALLOC(parser, sizeof *p);
    int result;

    *p = x;
    result = APPLY(parser->handlers[0], *p) + APPLY(HANDLER(parser, 1), *p);
    if (HANDLER(parser, 0) == SENTINEL || parser->memory.on_error == plus)
        result = -1;
    FREE(parser, p);
    return result + (parser->memory.on_error ? parser->memory.on_error(1) : 0);
}
fn lib_default(void) { return plus; }
int (*lib_spelled(void))(int) { return plus; }
int lib_sum(fn f) { return APPLY(f, 1) EVENTS(EVENT_SUM); }
int lib_events(const char **names, fn *out)
{
    int n = 0;
#define STORE(name, k) names[n] = #name; out[n++] = on_##name;
    EVENTS(STORE)
    return n;
}

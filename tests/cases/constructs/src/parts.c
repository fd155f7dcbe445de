#include <ia2.h>
#include <stdlib.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int seed = 100;
static int add_seed(int x) { return x + seed; }
int parts_twice(function_type f, int x) { return f(f(x)); }
int parts_twice_again(int f(int), int x) { return (*f)(f(x)) + (**f)(0); }
void parts_each(int n, void (*visit)(int, void *), void *data)
{
    for (int i = 0; i < n; i++)
        visit(i, data);
}

int parts_old(fn f, fn g, int x) { return parts_old_style(f, g, x); }
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#pragma GCC diagnostic ignored "-Wdeprecated-non-prototype"
int parts_old_style(f, g, x)
    int (*f)(int), (*g)(int);
    int x;
{
    return f(g(x));
}

fn parts_get(int which) { return which ? add_seed : ((void)which, abs); }
int (*parts_get_spelled(int which))(int) { return which ? &add_seed : NULL; }
static int applies(fn f, int x) { return f(x) + seed; }
static with_callback get_applies(void) { return applies; }
with_callback (*parts_get_getter(void))(void) { return get_applies; }

struct holder parts_hold(fn f)
{
    struct holder holder = { 1, .f = f, .both = { f }, .after = 2 };
    holder.in = holder.both.u;
    return holder;
}
int parts_use(struct holder holder)
{
    return holder.f(1) + holder.both.u(2) + holder.in(3) + holder.after + (holder.between == NULL);
}

fn parts_pick(fn p, fn q) { return p ?: q ?: add_seed; }
int parts_truths(fn p)
{
    _Bool is_set = p;
    int count = is_set + !p + (p && 1) + (p == NULL || p(1)) + (p ? 2 : 3) + (p != add_seed);
    while (p && count < 5)
        count++;
    do
        count++;
    while (!p && count < 9);
    for (; p; p = 0)
        count += p(count);
    for (fn q = add_seed; q; q = NULL)
        count += q(1);
    if (p)
        count = -1;
    return p ? -1 : count;
}
int parts_through(void *address, int x) { return ((fn)address)(x); }
void *parts_address(fn f) { return f; }
int parts_apply(with_callback apply, fn f, int x) { return apply(f, x); }

static const fn table[] = { add_seed, [2 ... 3] = add_seed, NULL };
static fn grid[2][3] = { { add_seed }, { [2] = add_seed } };
int parts_statics(void)
{
    static struct { const char *name; fn f; } named[] = { { "a", add_seed }, { "b", 0 }, { "c", add_seed } };
    static fn chosen = sizeof named > 1 ? add_seed : 0;
    static fn sentinel = (fn)-1;
    int sum = 0;

    for (const fn *p = table; *p; p++)
        sum += (*p)(1);
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
        sum += table[i] ? table[i](2) : 0;
    for (unsigned i = 0; i < 3; i++)
        sum += named[i].f ? named[i].f(3) : 10000;
    return sum + grid[1][2](4) + (grid[0][1] == NULL) + chosen(5) + (sentinel == (fn)-1);
}

#include <ia2.h>
#include <stdlib.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int seed = 100;
IA2_STATIC_FN(add_seed, _ZTSPFiiE, parts_c) static int add_seed(int x) { return x + seed; } IA2_REGISTER_LOCAL(add_seed, 0xd9d355967ff64947)
int parts_twice(struct IA2_fnptr__ZTSPFiiE f, int x) { return IA2_CALL(f, _ZTSPFiiE)(IA2_CALL(f, _ZTSPFiiE)(x)); } IA2_REGISTER(parts_twice, 0xae04d9c11ee19138)
int parts_twice_again(struct IA2_fnptr__ZTSPFiiE f, int x) { return (IA2_CALL(f, _ZTSPFiiE))(IA2_CALL(f, _ZTSPFiiE)(x)) + (IA2_CALL(f, _ZTSPFiiE))(0); } IA2_REGISTER(parts_twice_again, 0x9628d94c293632b9)
void parts_each(int n, struct IA2_fnptr__ZTSPFviPvE visit, void *data)
{
    for (int i = 0; i < n; i++)
        IA2_CALL(visit, _ZTSPFviPvE)(i, data);
} IA2_REGISTER(parts_each, 0x8a1f83667bad5250)

int parts_old(fn f, fn g, int x) { return parts_old_style(f, g, x); } IA2_REGISTER(parts_old, 0xd30fc1c1873456ee)
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#pragma GCC diagnostic ignored "-Wdeprecated-non-prototype"
int parts_old_style(f, g, x)
    struct IA2_fnptr__ZTSPFiiE f; struct IA2_fnptr__ZTSPFiiE g;
    int x;
{
    return IA2_CALL(f, _ZTSPFiiE)(IA2_CALL(g, _ZTSPFiiE)(x));
}

fn parts_get(int which) { return which ? IA2_FN(add_seed) : ((void)which, IA2_FN(abs)); } IA2_REGISTER(parts_get, 0xf8a05ff236d97f39)
struct IA2_fnptr__ZTSPFiiE parts_get_spelled(int which) { return which ? IA2_FN(add_seed) : IA2_OPAQUE(_ZTSPFiiE, NULL); } IA2_REGISTER(parts_get_spelled, 0x37b561b9a6382434)
IA2_STATIC_FN(applies, _ZTSPFiPFiiEiE, parts_c) static int applies(fn f, int x) { return IA2_CALL(f, _ZTSPFiiE)(x) + seed; } IA2_REGISTER_LOCAL(applies, 0xf00360d9a86b0f34)
IA2_STATIC_FN(get_applies, _ZTSPFPFiPFiiEiEvE, parts_c) static with_callback get_applies(void) { return IA2_FN(applies); } IA2_REGISTER_LOCAL(get_applies, 0x2aad3702bf4b1211)
struct IA2_fnptr__ZTSPFPFiPFiiEiEvE parts_get_getter(void) { return IA2_FN(get_applies); } IA2_REGISTER(parts_get_getter, 0x88e770bce0d9d942)

struct holder parts_hold(fn f)
{
    struct holder holder = { 1, .f = f, .both = { f }, .after = 2 };
    holder.in = holder.both.u;
    return holder;
} IA2_REGISTER(parts_hold, 0x3c59a2f19a765b01)
int parts_use(struct holder holder)
{
    return IA2_CALL(holder.f, _ZTSPFiiE)(1) + IA2_CALL(holder.both.u, _ZTSPFiiE)(2) + IA2_CALL(holder.in, _ZTSPFiiE)(3) + holder.after + (IA2_ADDR(holder.between) == NULL);
} IA2_REGISTER(parts_use, 0xa3fe0c00518064fe)

fn parts_pick(fn p, fn q) { return IA2_OPAQUE(_ZTSPFiiE, IA2_ADDR(p) ?: IA2_ADDR(q) ?: IA2_FN_ADDR(add_seed)); } IA2_REGISTER(parts_pick, 0x3c42cfd10059629)
int parts_truths(fn p)
{
    _Bool is_set = IA2_ADDR(p);
    int count = is_set + !IA2_ADDR(p) + (IA2_ADDR(p) && 1) + (IA2_ADDR(p) == NULL || IA2_CALL(p, _ZTSPFiiE)(1)) + (IA2_ADDR(p) ? 2 : 3) + (IA2_IDENTITY(p) != IA2_FN_IDENTITY(add_seed));
    while (IA2_ADDR(p) && count < 5)
        count++;
    do
        count++;
    while (!IA2_ADDR(p) && count < 9);
    for (; IA2_ADDR(p); IA2_AS_PTR(p) = 0)
        count += IA2_CALL(p, _ZTSPFiiE)(count);
    for (fn q = {IA2_FN_ADDR(add_seed)}; IA2_ADDR(q); IA2_AS_PTR(q) = NULL)
        count += IA2_CALL(q, _ZTSPFiiE)(1);
    if (IA2_ADDR(p))
        count = -1;
    return IA2_ADDR(p) ? -1 : count;
} IA2_REGISTER(parts_truths, 0xed1ae426fefc2eaf)
int parts_through(void *address, int x) { return IA2_CALL(((fn){(void *)(address)}), _ZTSPFiiE)(x); } IA2_REGISTER(parts_through, 0xeae96afc9c2ae795)
void *parts_address(fn f) { return IA2_ADDR(f); } IA2_REGISTER(parts_address, 0xc2c6073a526c8fe9)
int parts_apply(with_callback apply, fn f, int x) { return IA2_CALL(apply, _ZTSPFiPFiiEiE)(f, x); } IA2_REGISTER(parts_apply, 0x61493a25e144c1a4)

static const fn table[] = { {IA2_FN_ADDR(add_seed)}, [2 ... 3] = {IA2_FN_ADDR(add_seed)}, {NULL} };
static fn grid[2][3] = { { {IA2_FN_ADDR(add_seed)} }, { [2] = {IA2_FN_ADDR(add_seed)} } };
int parts_statics(void)
{
    static struct { const char *name; fn f; } named[] = { { "a", {IA2_FN_ADDR(add_seed)} }, { "b", {0} }, { "c", {IA2_FN_ADDR(add_seed)} } };
    static fn chosen = {sizeof named > 1 ? IA2_FN_ADDR(add_seed) : 0};
    static fn sentinel = (fn){(void *)(-1)};
    int sum = 0;

    for (const fn *p = table; IA2_ADDR(*p); p++)
        sum += IA2_CALL((*p), _ZTSPFiiE)(1);
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
        sum += IA2_ADDR(table[i]) ? IA2_CALL(table[i], _ZTSPFiiE)(2) : 0;
    for (unsigned i = 0; i < 3; i++)
        sum += IA2_ADDR(named[i].f) ? IA2_CALL(named[i].f, _ZTSPFiiE)(3) : 10000;
    return sum + IA2_CALL(grid[1][2], _ZTSPFiiE)(4) + (IA2_ADDR(grid[0][1]) == NULL) + IA2_CALL(chosen, _ZTSPFiiE)(5) + (IA2_ADDR(sentinel) == (void *)-1);
} IA2_REGISTER(parts_statics, 0x6dff10c635eeb6cc)
IA2_REGISTER_LOCAL(abs, 0x852987ad99a00e21)

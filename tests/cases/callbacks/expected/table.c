#include <ia2.h>
#include "table.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int table_each(int n, visit_fn visit, void *data)
{
    int sum = 0;
    if (!IA2_ADDR(visit) || IA2_ADDR(visit) == NULL)
        return -1;
    for (int i = 0; i < n; i++)
        sum += IA2_CALL(visit, _ZTSPFiiPvE)(i, data);
    return sum;
} IA2_REGISTER(table_each, 0xcaeb7d167eb2be77)

int table_run(const struct ops *ops, int x)
{
    int sum = 0;
    if (IA2_ADDR(ops->add) == 0)
        return 0;
    for (int i = 0; i < 2 && IA2_ADDR(ops->others[i]); i++)
        sum += IA2_CALL(ops->others[i], _ZTSPFiiiE)(x, i);
    return sum + (IA2_CALL(ops->add, _ZTSPFiiiE))(x, x) + (IA2_ADDR(ops->visit) ? IA2_CALL(ops->visit, _ZTSPFiiPvE)(x, NULL) : 0);
} IA2_REGISTER(table_run, 0xe84bc518f03c0456)

IA2_STATIC_FN(my_add, _ZTSPFiiiE, table_c) static int my_add(int a, int b) { return a + b + 1000; } IA2_REGISTER_LOCAL(my_add, 0x9a13c1646a422c22)
IA2_STATIC_FN(my_visit, _ZTSPFiiPvE, table_c) static int my_visit(int v, void *d) { return v * 2; } IA2_REGISTER_LOCAL(my_visit, 0x755dcfbe3e5da20d)
static struct ops own = { {IA2_FN_ADDR(my_add)}, "own", .visit = {IA2_FN_ADDR(my_visit)} };

const struct ops *table_ops(void) { return &own; }

IA2_STATIC_FN(u_add, _ZTSPFjjjE, table_c) static uint32_t u_add(uint32_t a, uint32_t b) { return a + b; } IA2_REGISTER_LOCAL(u_add, 0xa7a85c3eefa6435a)
IA2_STATIC_FN(u_mul, _ZTSPFjjjE, table_c) static uint32_t u_mul(uint32_t a, uint32_t b) { return a * b; } IA2_REGISTER_LOCAL(u_mul, 0xcfe45f51ade5a8a0)
struct IA2_fnptr__ZTSPFjjjE table_pick(int which) { return which ? IA2_FN(u_mul) : IA2_FN(u_add); } IA2_REGISTER(table_pick, 0xbcb59e1f0f44db26)

int table_combine(struct IA2_fnptr__ZTSPFiiiE combine, int a, int b)
{
    while (IA2_ADDR(combine)) {
        a = IA2_CALL(combine, _ZTSPFiiiE)(a, b);
        combine = a > 100 ? IA2_OPAQUE(_ZTSPFiiiE, NULL) : combine;
    }
    return a;
} IA2_REGISTER(table_combine, 0xcc0786d90b8532bb)

static visit_fn kept = {IA2_FN_ADDR(my_visit)}, other_kept;
void table_keep(visit_fn visit)
{
    other_kept = kept;
    kept = visit;
} IA2_REGISTER(table_keep, 0x35381ecb89441e4c)
visit_fn table_kept(void) { return kept; } IA2_REGISTER(table_kept, 0xaf15f9af5828e510)
int table_call_kept(int x)
{
    if (IA2_IDENTITY(kept) != IA2_FN_IDENTITY(my_visit) && IA2_IDENTITY(other_kept) == IA2_FN_IDENTITY(my_visit))
        x++;
    return IA2_CALL(kept, _ZTSPFiiPvE)(x, &x) + (IA2_ADDR(other_kept) ? 1 : 0);
} IA2_REGISTER(table_call_kept, 0xfb6de49f22a41ff7)

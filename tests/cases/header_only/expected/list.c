#include <ia2.h>
#include <stdio.h>
#include "list.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

IA2_STATIC_FN(one, _ZTSPFiiPvE, list_c) static int one(int v, void *c)
{
    (void)c;
    return v;
} IA2_REGISTER_LOCAL(one, 0x38b6198c3378062d)

static int drops;

IA2_STATIC_FN(drop, _ZTSPFvP4nodeE, list_c) static void drop(node *n)
{
    drops++;
    shared_free(n);
} IA2_REGISTER_LOCAL(drop, 0x847e463234c8bfe3)

int list_total(list *l)
{
    return list_each(l, IA2_FN(one), NULL) + drops;
} IA2_REGISTER(list_total, 0x569a7652af496f65)

list *list_new(struct IA2_fnptr__ZTSPFiiiE cmp)
{
    list *l = shared_calloc(1, sizeof *l);
    l->cmp = cmp;
    l->drop = IA2_FN(drop);
    return l;
} IA2_REGISTER(list_new, 0x7f2b23387cc6ac28)

#include <ia2.h>
#include <stdio.h>
#include "list.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int one(int v, void *c)
{
    (void)c;
    return v;
}

static int drops;

static void drop(node *n)
{
    drops++;
    shared_free(n);
}

int list_total(list *l)
{
    return list_each(l, one, NULL) + drops;
}

list *list_new(int (*cmp)(int, int))
{
    list *l = shared_calloc(1, sizeof *l);
    l->cmp = cmp;
    l->drop = drop;
    return l;
}

#ifndef LIST_H
#define LIST_H
#include <stddef.h>
#include <stdlib.h>
#include <ia2_allocator.h>

typedef struct node {
    struct node *next;
    int v;
} node;

typedef struct list {
    node *head;
    struct IA2_fnptr__ZTSPFiiiE cmp;
    struct IA2_fnptr__ZTSPFvP4nodeE drop;
} list;

static inline int list_cmp(const list *l, int a, int b)
{
    return IA2_ADDR(l->cmp) ? IA2_CALL(l->cmp, _ZTSPFiiiE)(a, b) : a - b;
}

static inline void list_push(list *l, int v)
{
    node *n = shared_malloc(sizeof *n), **p = &l->head;
    n->v = v;
    while (*p && list_cmp(l, (*p)->v, v) < 0)
        p = &(*p)->next;
    n->next = *p;
    *p = n;
}

static inline int list_pop(list *l)
{
    node *n = l->head;
    int v = n->v;
    l->head = n->next;
    if (IA2_ADDR(l->drop))
        IA2_CALL(l->drop, _ZTSPFvP4nodeE)(n);
    else
        shared_free(n);
    return v;
}

static inline int list_each(list *l, struct IA2_fnptr__ZTSPFiiPvE f, void *ctx)
{
    int s = 0;
    for (node *n = l->head; n; n = n->next)
        s += IA2_CALL(f, _ZTSPFiiPvE)(n->v, ctx);
    return s;
}

int list_total(list *l);
void list_fill(list *l);
list *list_new(struct IA2_fnptr__ZTSPFiiiE cmp);
int second(list *l);
#define list_for(n, l) for (node *n = (l)->head; n; n = n->next)
#endif

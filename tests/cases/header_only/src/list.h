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
    int (*cmp)(int, int);
    void (*drop)(node *);
} list;

static inline int list_cmp(const list *l, int a, int b)
{
    return l->cmp ? l->cmp(a, b) : a - b;
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
    if (l->drop)
        l->drop(n);
    else
        shared_free(n);
    return v;
}

static inline int list_each(list *l, int (*f)(int, void *), void *ctx)
{
    int s = 0;
    for (node *n = l->head; n; n = n->next)
        s += f(n->v, ctx);
    return s;
}

int list_total(list *l);
void list_fill(list *l);
list *list_new(int (*cmp)(int, int));
int second(list *l);
#define list_for(n, l) for (node *n = (l)->head; n; n = n->next)
#endif

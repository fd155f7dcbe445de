#include <ia2.h>
#include <stdio.h>
#include "list.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int down(int a, int b)
{
    return b - a;
}

static int print(int v, void *c)
{
    printf("%d%s", v, (char *)c);
    return 0;
}

int main(void)
{
    list *l = list_new(down);
    list_fill(l);
    list_push(l, 10);
    list_each(l, print, " ");
    puts("");
    printf("%d\n", list_total(l));
    printf("%d\n", list_pop(l));
    printf("%d\n", list_pop(l));
    printf("%d\n", list_total(l));
    l->cmp = NULL;
    l->drop = NULL;
    list_push(l, 3);
    printf("%d\n", list_pop(l));
    printf("%d\n", second(l));
    list_for(n, l) printf("[%d]", n->v);
    puts("");
    return 0;
}

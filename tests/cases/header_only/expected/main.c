#include <ia2.h>
#include <stdio.h>
#include "list.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

IA2_STATIC_FN(down, _ZTSPFiiiE, main_c) static int down(int a, int b)
{
    return b - a;
} IA2_REGISTER_LOCAL(down, 0x2ddb796e185e7988)

IA2_STATIC_FN(print, _ZTSPFiiPvE, main_c) static int print(int v, void *c)
{
    printf("%d%s", v, (char *)c);
    return 0;
} IA2_REGISTER_LOCAL(print, 0xf20aaf1255daff55)

int main(void)
{
    list *l = list_new(IA2_FN(down));
    list_fill(l);
    list_push(l, 10);
    list_each(l, IA2_FN(print), " ");
    puts("");
    printf("%d\n", list_total(l));
    printf("%d\n", list_pop(l));
    printf("%d\n", list_pop(l));
    printf("%d\n", list_total(l));
    IA2_AS_PTR(l->cmp) = NULL;
    IA2_AS_PTR(l->drop) = NULL;
    list_push(l, 3);
    printf("%d\n", list_pop(l));
    printf("%d\n", second(l));
    list_for(n, l) printf("[%d]", n->v);
    puts("");
    return 0;
}
IA2_NEED(list_fill)
IA2_NEED(list_new)
IA2_NEED(list_total)

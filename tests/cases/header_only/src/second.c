#include "list.h"

static int twice(int v, void *c)
{
    return v * *(int *)c;
}

int second(list *l)
{
    int two = 2;
    return list_each(l, twice, &two);
}

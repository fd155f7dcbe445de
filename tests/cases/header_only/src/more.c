#include "list.h"

void list_fill(list *l)
{
    for (int i = 0; i < 5; i++)
        list_push(l, i * 7 % 5);
}

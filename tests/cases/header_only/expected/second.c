#include "list.h"

IA2_STATIC_FN(twice, _ZTSPFiiPvE, second_c) static int twice(int v, void *c)
{
    return v * *(int *)c;
} IA2_REGISTER_LOCAL(twice, 0x5641e0b1b48df04c)

int second(list *l)
{
    int two = 2;
    return list_each(l, IA2_FN(twice), &two);
}

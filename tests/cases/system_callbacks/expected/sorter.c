#include <ia2.h>
#include <stdlib.h>
#include "sorter.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

IA2_STATIC_FN(downwards, _ZTSPFiPKvS0_E, sorter_c) static int downwards(const void *a, const void *b) { return *(const int *)b - *(const int *)a; } IA2_REGISTER_LOCAL(downwards, 0x6611a663531cfeff)

void sorter_sort(int *values, int count, compare_fn compare)
{
    qsort(values, count, sizeof *values, IA2_ADDR(compare) ? IA2_PLAIN(compare, _ZTSPFiPKvS0_E) : downwards);
} IA2_REGISTER(sorter_sort, 0xc4df0b80fadab0f5)
compare_fn sorter_default(void) { return IA2_FN(downwards); } IA2_REGISTER(sorter_default, 0x4cfc09489bc54e60)
int sorter_is_same(handler_fn a, handler_fn b) { return IA2_IDENTITY(a) == IA2_IDENTITY(b); } IA2_REGISTER(sorter_is_same, 0xb191e3e3b601c390)
void sorter_handle(handler_fn handler, int number) { IA2_CALL(handler, _ZTSPFviE)(number); } IA2_REGISTER(sorter_handle, 0x1c2d35c292e75488)

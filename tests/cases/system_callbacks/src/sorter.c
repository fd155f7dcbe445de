#include <ia2.h>
#include <stdlib.h>
#include "sorter.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int downwards(const void *a, const void *b) { return *(const int *)b - *(const int *)a; }

void sorter_sort(int *values, int count, compare_fn compare)
{
    qsort(values, count, sizeof *values, compare ? compare : downwards);
}
compare_fn sorter_default(void) { return downwards; }
int sorter_is_same(handler_fn a, handler_fn b) { return a == b; }
void sorter_handle(handler_fn handler, int number) { handler(number); }

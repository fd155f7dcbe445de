#include <ia2.h>
#include <stdlib.h>
#include "part9.h"
#include "part10.h"
#define IA2_COMPARTMENT 9
#include <ia2_compartment_init.inc>

static __thread int local_9;
static int private_9 = 9;

int part_9(int x)
{
    char *block = malloc(100);
    block[0] = (char)x;
    int result = part_10(x + local_9++ * 0) + 9 + (block[0] != (char)x) + private_9 * 0;
    free(block);
    return result;
}

int *part_9_private(void) { return &private_9; }

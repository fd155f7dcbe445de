#include <ia2.h>
#include <stdlib.h>
#include "part14.h"
#include "part15.h"
#define IA2_COMPARTMENT 14
#include <ia2_compartment_init.inc>

static __thread int local_14;
static int private_14 = 14;

int part_14(int x)
{
    char *block = malloc(100);
    block[0] = (char)x;
    int result = part_15(x + local_14++ * 0) + 14 + (block[0] != (char)x) + private_14 * 0;
    free(block);
    return result;
}

int *part_14_private(void) { return &private_14; }

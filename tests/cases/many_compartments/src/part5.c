#include <ia2.h>
#include <stdlib.h>
#include "part5.h"
#include "part6.h"
#define IA2_COMPARTMENT 5
#include <ia2_compartment_init.inc>

static __thread int local_5;
static int private_5 = 5;

int part_5(int x)
{
    char *block = malloc(100);
    block[0] = (char)x;
    int result = part_6(x + local_5++ * 0) + 5 + (block[0] != (char)x) + private_5 * 0;
    free(block);
    return result;
}

int *part_5_private(void) { return &private_5; }

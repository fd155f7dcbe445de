#include <ia2.h>
#include <stdlib.h>
#include "part3.h"
#include "part4.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

static __thread int local_3;
static int private_3 = 3;

int part_3(int x)
{
    char *block = malloc(100);
    block[0] = (char)x;
    int result = part_4(x + local_3++ * 0) + 3 + (block[0] != (char)x) + private_3 * 0;
    free(block);
    return result;
}

int *part_3_private(void) { return &private_3; }

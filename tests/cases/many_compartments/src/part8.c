#include <ia2.h>
#include <stdlib.h>
#include "part8.h"
#include "part9.h"
#define IA2_COMPARTMENT 8
#include <ia2_compartment_init.inc>

static __thread int local_8;
static int private_8 = 8;

int part_8(int x)
{
    char *block = malloc(100);
    block[0] = (char)x;
    int result = part_9(x + local_8++ * 0) + 8 + (block[0] != (char)x) + private_8 * 0;
    free(block);
    return result;
}

int *part_8_private(void) { return &private_8; }

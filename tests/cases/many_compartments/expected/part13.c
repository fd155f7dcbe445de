#include <ia2.h>
#include <stdlib.h>
#include "part13.h"
#include "part14.h"
#define IA2_COMPARTMENT 13
#include <ia2_compartment_init.inc>

static __thread int local_13;
static int private_13 = 13;

int part_13(int x)
{
    char *block = malloc(100);
    block[0] = (char)x;
    int result = part_14(x + local_13++ * 0) + 13 + (block[0] != (char)x) + private_13 * 0;
    free(block);
    return result;
} IA2_REGISTER(part_13, 0x5c9c51748e12414c)

int *part_13_private(void) { return &private_13; }
IA2_NEED(part_14)
IA2_TLS_PAD;

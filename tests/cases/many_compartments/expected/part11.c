#include <ia2.h>
#include <stdlib.h>
#include "part11.h"
#include "part12.h"
#define IA2_COMPARTMENT 11
#include <ia2_compartment_init.inc>

static __thread int local_11;
static int private_11 = 11;

int part_11(int x)
{
    char *block = malloc(100);
    block[0] = (char)x;
    int result = part_12(x + local_11++ * 0) + 11 + (block[0] != (char)x) + private_11 * 0;
    free(block);
    return result;
} IA2_REGISTER(part_11, 0xd3c03e2149eebdd1)

int *part_11_private(void) { return &private_11; }
IA2_NEED(part_12)
IA2_TLS_PAD;

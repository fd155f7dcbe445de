#include <ia2.h>
#include <stdlib.h>
#include "part12.h"
#include "part13.h"
#define IA2_COMPARTMENT 12
#include <ia2_compartment_init.inc>

static __thread int local_12;
static int private_12 = 12;

int part_12(int x)
{
    char *block = malloc(100);
    block[0] = (char)x;
    int result = part_13(x + local_12++ * 0) + 12 + (block[0] != (char)x) + private_12 * 0;
    free(block);
    return result;
} IA2_REGISTER(part_12, 0x93a7b423b3c03c06)

int *part_12_private(void) { return &private_12; }
IA2_NEED(part_13)
IA2_TLS_PAD;

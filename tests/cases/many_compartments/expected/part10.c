#include <ia2.h>
#include <stdlib.h>
#include "part10.h"
#include "part11.h"
#define IA2_COMPARTMENT 10
#include <ia2_compartment_init.inc>

static __thread int local_10;
static int private_10 = 10;

int part_10(int x)
{
    char *block = malloc(100);
    block[0] = (char)x;
    int result = part_11(x + local_10++ * 0) + 10 + (block[0] != (char)x) + private_10 * 0;
    free(block);
    return result;
} IA2_REGISTER(part_10, 0x6c9759717b143827)

int *part_10_private(void) { return &private_10; }
IA2_NEED(part_11)
IA2_TLS_PAD;

#include <ia2.h>
#include <stdlib.h>
#include "part2.h"
#include "part3.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static __thread int local_2;
static int private_2 = 2;

int part_2(int x)
{
    char *block = malloc(100);
    block[0] = (char)x;
    int result = part_3(x + local_2++ * 0) + 2 + (block[0] != (char)x) + private_2 * 0;
    free(block);
    return result;
} IA2_REGISTER(part_2, 0xe68b54f952ccf510)

int *part_2_private(void) { return &private_2; }
IA2_NEED(part_3)
IA2_TLS_PAD;

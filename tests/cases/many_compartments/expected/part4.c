#include <ia2.h>
#include <stdlib.h>
#include "part4.h"
#include "part5.h"
#define IA2_COMPARTMENT 4
#include <ia2_compartment_init.inc>

static __thread int local_4;
static int private_4 = 4;

int part_4(int x)
{
    char *block = malloc(100);
    block[0] = (char)x;
    int result = part_5(x + local_4++ * 0) + 4 + (block[0] != (char)x) + private_4 * 0;
    free(block);
    return result;
} IA2_REGISTER(part_4, 0x1ec6eb92891ae52a)

int *part_4_private(void) { return &private_4; }
IA2_NEED(part_5)
IA2_TLS_PAD;

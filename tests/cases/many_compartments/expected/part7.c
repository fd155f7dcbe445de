#include <ia2.h>
#include <stdlib.h>
#include "part7.h"
#include "part8.h"
#define IA2_COMPARTMENT 7
#include <ia2_compartment_init.inc>

static __thread int local_7;
static int private_7 = 7;

int part_7(int x)
{
    char *block = malloc(100);
    block[0] = (char)x;
    int result = part_8(x + local_7++ * 0) + 7 + (block[0] != (char)x) + private_7 * 0;
    free(block);
    return result;
} IA2_REGISTER(part_7, 0x25cf9bc856b3dcdb)

int *part_7_private(void) { return &private_7; }
IA2_NEED(part_8)
IA2_TLS_PAD;

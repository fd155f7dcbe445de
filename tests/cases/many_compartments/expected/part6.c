#include <ia2.h>
#include <stdlib.h>
#include "part6.h"
#include "part7.h"
#define IA2_COMPARTMENT 6
#include <ia2_compartment_init.inc>

static __thread int local_6;
static int private_6 = 6;

int part_6(int x)
{
    char *block = malloc(100);
    block[0] = (char)x;
    int result = part_7(x + local_6++ * 0) + 6 + (block[0] != (char)x) + private_6 * 0;
    free(block);
    return result;
} IA2_REGISTER(part_6, 0xbd285b8edf767e9c)

int *part_6_private(void) { return &private_6; }
IA2_NEED(part_7)
IA2_TLS_PAD;

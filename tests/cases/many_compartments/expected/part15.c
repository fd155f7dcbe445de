#include <ia2.h>
#include <stdlib.h>
#include "part15.h"
#include "main.h"
#define IA2_COMPARTMENT 15
#include <ia2_compartment_init.inc>

static __thread int local_15;
static int private_15 = 15;

int part_15(int x)
{
    char *block = malloc(100);
    block[0] = (char)x;
    int result = main_last(x) + local_15++ * 0 + 15 + (block[0] != (char)x) + private_15 * 0;
    free(block);
    return result;
} IA2_REGISTER(part_15, 0xc6ad869c95a905c6)

int *part_15_private(void) { return &private_15; } IA2_REGISTER(part_15_private, 0x5cf2a17d32a7e273)
IA2_NEED(main_last)
IA2_TLS_PAD;

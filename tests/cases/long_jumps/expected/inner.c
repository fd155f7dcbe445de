#include <ia2.h>
#include "inner.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

static int fails;

void inner_fail(jmp_buf *where)
{
    fails++;
    longjmp(*where, fails);
} IA2_REGISTER(inner_fail, 0x8b1119a3ee94f978)
int inner_sum(int x) { return x + fails; } IA2_REGISTER(inner_sum, 0xd2d34f4310e306b1)

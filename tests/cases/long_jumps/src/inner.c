#include <ia2.h>
#include "inner.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

static int fails;

void inner_fail(jmp_buf *where)
{
    fails++;
    longjmp(*where, fails);
}
int inner_sum(int x) { return x + fails; }

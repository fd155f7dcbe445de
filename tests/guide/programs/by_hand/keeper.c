#include "keeper.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static uint32_t bias = 100;
static uint32_t keep_add(uint32_t a, uint32_t b) { return a + b + bias; }
static op_t kept = keep_add;

op_t keeper_op(void) { return IA2_FN(keep_add); }
void keeper_set(op_t op) { kept = op; }
uint32_t keeper_run(uint32_t a, uint32_t b)
{
    if (!IA2_ADDR(kept))
        return 0;
    return CALL_OP(kept, a, b);
}
int keeper_holds(const void *address) { return IA2_ADDR(kept) == address; }

int keeper_add_here(int *where, int by) { return *where += by; }

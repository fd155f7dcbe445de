#ifndef KEEPER_H
#define KEEPER_H
#include <ia2.h>
#include <stdint.h>

typedef uint32_t (*op_t)(uint32_t, uint32_t);
typedef void (*plain_t)(void);

op_t keeper_op(void);
void keeper_set(op_t op);
uint32_t keeper_run(uint32_t a, uint32_t b);
int keeper_holds(const void *address);

/* Not called through a gate: they run with the caller's rights. */
IA2_BEGIN_NO_WRAP
int keeper_add_here(int *where, int by);
IA2_END_NO_WRAP

#define CALL_OP(op, a, b) IA2_CALL(op, _ZTSPFjjjE)(a, b)
#endif

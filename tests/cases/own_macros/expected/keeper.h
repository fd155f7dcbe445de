#ifndef KEEPER_H
#define KEEPER_H
#include <ia2.h>

typedef struct IA2_fnptr__ZTSPFiiE unary_fn;
typedef struct IA2_fnptr__ZTSPFiPvE any_fn;

/* A macro with function pointers, annotated by hand. */
#define KEEP(slot, function) (IA2_AS_PTR(slot) = IA2_FN_ADDR(function))
#define RUN(slot, value) IA2_CALL(slot, _ZTSPFiiE)(value)

struct slots {
    unary_fn first;
    unary_fn second;
    any_fn any;
    IA2_IGNORE(int (*plain)(int));
};

void keeper_put(struct slots *slots);
int keeper_run(struct slots *slots, int x);
int keeper_any(any_fn any, void *argument);

IA2_BEGIN_NO_WRAP
int keeper_inside(int x);
unsigned keeper_pkru(void);
IA2_END_NO_WRAP
#endif

#ifndef PARTS_H
#define PARTS_H
#include <stddef.h>

typedef struct IA2_fnptr__ZTSPFiiE fn;
typedef int function_type(int);
typedef struct IA2_fnptr__ZTSPFiPFiiEiE with_callback;
typedef struct node node;
struct node {
    node *next;
    int (*visit)(node *, int (*)(node *));
};
struct holder {
    unsigned before : 3; struct IA2_fnptr__ZTSPFjjE between; unsigned after : 5;
    fn f;
    union { fn u; void *v; } both;
    struct { fn in; };
};

int parts_twice(struct IA2_fnptr__ZTSPFiiE f, int x);
int parts_twice_again(struct IA2_fnptr__ZTSPFiiE f, int x);
void parts_each(int n, struct IA2_fnptr__ZTSPFviPvE visit, void *data);
int parts_old(fn f, fn g, int x);
int parts_old_style(fn f, fn g, int x);
fn parts_get(int which);
struct IA2_fnptr__ZTSPFiiE parts_get_spelled(int which);
struct IA2_fnptr__ZTSPFPFiPFiiEiEvE parts_get_getter(void);
struct holder parts_hold(fn f);
int parts_use(struct holder holder);
fn parts_pick(fn p, fn q);
int parts_truths(fn p);
int parts_through(void *address, int x);
void *parts_address(fn f);
int parts_apply(with_callback apply, fn f, int x);
int parts_statics(void);

static inline int call_it(fn f, int x) { return IA2_ADDR(f) ? IA2_CALL(f, _ZTSPFiiE)(x) : -1; }
#endif

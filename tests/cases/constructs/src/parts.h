#ifndef PARTS_H
#define PARTS_H
#include <stddef.h>

typedef int (*fn)(int);
typedef int function_type(int);
typedef int (*with_callback)(fn, int);
typedef struct node node;
struct node {
    node *next;
    int (*visit)(node *, int (*)(node *));
};
struct holder {
    unsigned before : 3, (*between)(unsigned), after : 5;
    fn f;
    union { fn u; void *v; } both;
    struct { fn in; };
};

int parts_twice(function_type f, int x);
int parts_twice_again(int f(int), int x);
void parts_each(int n, void (*visit)(int, void *), void *data);
int parts_old(fn f, fn g, int x);
int parts_old_style(fn f, fn g, int x);
fn parts_get(int which);
int (*parts_get_spelled(int which))(int);
with_callback (*parts_get_getter(void))(void);
struct holder parts_hold(fn f);
int parts_use(struct holder holder);
fn parts_pick(fn p, fn q);
int parts_truths(fn p);
int parts_through(void *address, int x);
void *parts_address(fn f);
int parts_apply(with_callback apply, fn f, int x);
int parts_statics(void);

static inline int call_it(fn f, int x) { return f ? f(x) : -1; }
#endif

#pragma once

#include <stddef.h>
typedef int fn_t(int);
typedef struct IA2_fnptr__ZTSPFiiE fn_p;
typedef struct IA2_fnptr__ZTSPFPFiiEiE maker;
typedef struct IA2_fnptr__ZTSPFiPFiiEiE with_cb;
typedef struct IA2_fnptr__ZTSPFvvE noargs;

struct ops {
    fn_p f;
    maker make;
    with_cb w;
    struct IA2_fnptr__ZTSPFiiE tab[2];

    struct {
        noargs hook;
    } in;
};
struct obj;

struct vt {
    struct IA2_fnptr__ZTSPFiPK3objE get;
    struct IA2_fnptr__ZTSPFvP3objiE set;
    struct IA2_fnptr__ZTSPFP3objPKS_E clone;
};

struct obj {
    const struct vt *vt;
    int v;
};
struct ops lib_ops(void);
const struct ops *lib_ops_ptr(void);
int lib_take(struct ops o, int n);
struct IA2_fnptr__ZTSPFiiE lib_direct(int which);
fn_t lib_plain;
extern fn_p lib_global;
extern struct IA2_fnptr__ZTSPFiiE const lib_const[2];
struct obj *mid_new(int v);
int mid_use(struct obj *o);

typedef struct {
    fn_p cb[3];
    size_t n;
} bag;

bag mid_bag(bag b, fn_p more);
void mid_out(fn_p *out, maker *m);
int mid_chain(fn_p a, fn_p b, int x);
int mid_apply(struct IA2_fnptr__ZTSPFiiE const *list, int n);
typedef int (*variant)(int, ...);
/* An option's callback, kept in a void *, is called by a type with one const more than its own. */
struct option {
    const char *name;
    void *callback;
};
typedef struct IA2_fnptr__ZTSPFiPK6optionPKPKcE option_cb;
typedef struct IA2_fnptr__ZTSPFiP6optionPPKcE plain_option_cb;
int mid_option(struct option *o, plain_option_cb other, option_cb third);
int mid_sel(int k, struct IA2_fnptr__ZTSPFiiE a, struct IA2_fnptr__ZTSPFiiE (b));

#pragma once

#include <stddef.h>
typedef int fn_t(int);
typedef fn_t *fn_p;
typedef fn_p (*maker)(int);
typedef int (*with_cb)(fn_p, int);
typedef void (*noargs)(void);

struct ops {
    fn_p f;
    maker make;
    with_cb w;
    fn_t *tab[2];

    struct {
        noargs hook;
    } in;
};
struct obj;

struct vt {
    int (*get)(const struct obj *);
    void (*set)(struct obj *, int);
    struct obj *(*clone)(const struct obj *);
};

struct obj {
    const struct vt *vt;
    int v;
};
struct ops lib_ops(void);
const struct ops *lib_ops_ptr(void);
int lib_take(struct ops o, int n);
int (*lib_direct(int which))(int);
fn_t lib_plain;
extern fn_p lib_global;
extern fn_t *const lib_const[2];
struct obj *mid_new(int v);
int mid_use(struct obj *o);

typedef struct {
    fn_p cb[3];
    size_t n;
} bag;

bag mid_bag(bag b, fn_p more);
void mid_out(fn_p *out, maker *m);
int mid_chain(fn_p a, fn_p b, int x);
int mid_apply(int (*const *list)(int), int n);
typedef int (*variant)(int, ...);
/* An option's callback, kept in a void *, is called by a type with one const more than its own. */
struct option {
    const char *name;
    void *callback;
};
typedef int (*option_cb)(const struct option *, const char *const *);
typedef int (*plain_option_cb)(struct option *, const char **);
int mid_option(struct option *o, plain_option_cb other, option_cb third);
int mid_sel(int k, fn_t a, int(b)(int));

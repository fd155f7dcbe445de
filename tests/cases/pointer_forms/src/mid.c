#include <ia2.h>
#include <ia2_allocator.h>
#include "zoo.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int get(const struct obj *o)
{
    return o->v;
}

static void set(struct obj *o, int v)
{
    o->v = v;
}

static struct obj *cl(const struct obj *o)
{
    struct obj *n = shared_malloc(sizeof *n);
    *n = *o;
    return n;
}
static const struct vt vt = { .set = set, .get = get, .clone = cl };

struct obj *mid_new(int v)
{
    struct obj *o = shared_malloc(sizeof *o);
    o->vt = &vt;
    o->vt->set(o, v);
    return o;
}

int mid_use(struct obj *o)
{
    return o->vt->get(o->vt->clone(o));
}

bag mid_bag(bag b, fn_p more)
{
    b.cb[b.n++] = more;
    return b;
}

static fn_p mk(int n)
{
    return n ? lib_plain : NULL;
}

void mid_out(fn_p *out, maker *m)
{
    *out = lib_direct(1);
    *m = mk;
}

int mid_chain(fn_p a, fn_p b, int x)
{
    return a(b(lib_plain(x)));
}

int mid_apply(int (*const *list)(int), int n)
{
    int s = 0;
    while (*list)
        s += (*list++)(n);
    return s;
}

int mid_sel(int k, fn_t a, int(b)(int))
{
    return (k ? a : b)(k);
}

int mid_option(struct option *o, plain_option_cb other, option_cb third)
{
    const char *const words[] = { "x" };
    return ((option_cb)o->callback)(o, words) + 10 * (other == o->callback) + 100 * third(o, words);
}

#include <ia2.h>
#include <ia2_allocator.h>
#include "zoo.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

IA2_STATIC_FN(get, _ZTSPFiPK3objE, mid_c) static int get(const struct obj *o)
{
    return o->v;
} IA2_REGISTER_LOCAL(get, 0xf4bcad7daa4004ce)

IA2_STATIC_FN(set, _ZTSPFvP3objiE, mid_c) static void set(struct obj *o, int v)
{
    o->v = v;
} IA2_REGISTER_LOCAL(set, 0x5e2fa798448fb972)

IA2_STATIC_FN(cl, _ZTSPFP3objPKS_E, mid_c) static struct obj *cl(const struct obj *o)
{
    struct obj *n = shared_malloc(sizeof *n);
    *n = *o;
    return n;
} IA2_REGISTER_LOCAL(cl, 0x3d4470df26af71e3)
static const struct vt vt = { .set = {IA2_FN_ADDR(set)}, .get = {IA2_FN_ADDR(get)}, .clone = {IA2_FN_ADDR(cl)} };

struct obj *mid_new(int v)
{
    struct obj *o = shared_malloc(sizeof *o);
    o->vt = &vt;
    IA2_CALL(o->vt->set, _ZTSPFvP3objiE)(o, v);
    return o;
} IA2_REGISTER(mid_new, 0x19ee92d5d67de5e7)

int mid_use(struct obj *o)
{
    return IA2_CALL(o->vt->get, _ZTSPFiPK3objE)(IA2_CALL(o->vt->clone, _ZTSPFP3objPKS_E)(o));
} IA2_REGISTER(mid_use, 0xc707cbcb9dc92183)

bag mid_bag(bag b, fn_p more)
{
    b.cb[b.n++] = more;
    return b;
} IA2_REGISTER(mid_bag, 0xf2d80e4643969cdb)

IA2_STATIC_FN(mk, _ZTSPFPFiiEiE, mid_c) static fn_p mk(int n)
{
    return n ? IA2_FN(lib_plain) : IA2_OPAQUE(_ZTSPFiiE, NULL);
} IA2_REGISTER_LOCAL(mk, 0x2bb6f8ac30971e93)

void mid_out(fn_p *out, maker *m)
{
    *out = lib_direct(1);
    *m = IA2_FN(mk);
} IA2_REGISTER(mid_out, 0x98ef4537ef059452)

int mid_chain(fn_p a, fn_p b, int x)
{
    return IA2_CALL(a, _ZTSPFiiE)(IA2_CALL(b, _ZTSPFiiE)(lib_plain(x)));
} IA2_REGISTER(mid_chain, 0x99606922078d34ba)

int mid_apply(struct IA2_fnptr__ZTSPFiiE const *list, int n)
{
    int s = 0;
    while (IA2_ADDR(*list))
        s += IA2_CALL((*list++), _ZTSPFiiE)(n);
    return s;
} IA2_REGISTER(mid_apply, 0x781a6d4f64375f25)

int mid_sel(int k, struct IA2_fnptr__ZTSPFiiE a, struct IA2_fnptr__ZTSPFiiE (b))
{
    return IA2_CALL((k ? a : b), _ZTSPFiiE)(k);
} IA2_REGISTER(mid_sel, 0x6e70e4313e4aabb9)

int mid_option(struct option *o, plain_option_cb other, option_cb third)
{
    const char *const words[] = { "x" };
    return IA2_CALL(((option_cb){(void *)(o->callback)}), _ZTSPFiPK6optionPKPKcE)(o, words) + 10 * (IA2_ADDR(other) == o->callback) + 100 * IA2_CALL(third, _ZTSPFiPK6optionPKPKcE)(o, words);
} IA2_REGISTER(mid_option, 0xd0f48642adbd2cfa)
IA2_NEED(lib_direct)
IA2_NEED(lib_plain)

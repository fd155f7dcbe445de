#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include "zoo.h"
INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

IA2_STATIC_FN(sq, _ZTSPFiiE, main_c) static int sq(int x)
{
    return x * x;
} IA2_REGISTER_LOCAL(sq, 0xb711365e801348c2)

IA2_STATIC_FN(neg, _ZTSPFiiE, main_c) static int neg(int x)
{
    return -x;
} IA2_REGISTER_LOCAL(neg, 0xe0162de7555a8489)

IA2_STATIC_FN(mine, _ZTSPFPFiiEiE, main_c) static fn_p mine(int n)
{
    return n > 1 ? IA2_FN(sq) : IA2_FN(neg);
} IA2_REGISTER_LOCAL(mine, 0x665d0099dea878d0)

IA2_STATIC_FN(my_w, _ZTSPFiPFiiEiE, main_c) static int my_w(fn_p f, int n)
{
    return IA2_CALL(f, _ZTSPFiiE)(IA2_CALL(f, _ZTSPFiiE)(n));
} IA2_REGISTER_LOCAL(my_w, 0xb2f9bac6b7215bde)

IA2_STATIC_FN(my_hook, _ZTSPFvvE, main_c) static void my_hook(void)
{
    puts("mine");
} IA2_REGISTER_LOCAL(my_hook, 0x1fbf910c07353500)

IA2_STATIC_FN(g_get, _ZTSPFiPK3objE, main_c) static int g_get(const struct obj *o)
{
    return o->v * 2;
} IA2_REGISTER_LOCAL(g_get, 0x6d1d626786325752)

IA2_STATIC_FN(g_set, _ZTSPFvP3objiE, main_c) static void g_set(struct obj *o, int v)
{
    o->v = v + 1;
} IA2_REGISTER_LOCAL(g_set, 0xf2be356c03a649fe)
static const struct vt my_vt = { {IA2_FN_ADDR(g_get)}, {IA2_FN_ADDR(g_set)}, {NULL} };
static fn_p list[] IA2_SHARED_DATA = { {IA2_FN_ADDR(sq)}, {IA2_FN_ADDR(neg)}, {NULL} };

static int options_seen;
IA2_STATIC_FN(on_option, _ZTSPFiP6optionPPKcE, main_c) static int on_option(struct option *o, const char **words) { return o != NULL && words != NULL && ++options_seen; } IA2_REGISTER_LOCAL(on_option, 0xf2eae47837b9a96e)
IA2_STATIC_FN(on_const_option, _ZTSPFiPK6optionPKPKcE, main_c) static int on_const_option(const struct option *o, const char *const *words) { return o && words && ++options_seen; } IA2_REGISTER_LOCAL(on_const_option, 0xea772d0f641d230e)

int main(void)
{
    struct ops o = lib_ops();
    printf("%d %d %d %d\n", IA2_CALL(o.f, _ZTSPFiiE)(1), IA2_CALL(IA2_CALL(o.make, _ZTSPFPFiiEiE)(1), _ZTSPFiiE)(1), IA2_CALL(o.w, _ZTSPFiPFiiEiE)(o.tab[1], 5), IA2_ADDR(IA2_CALL(o.make, _ZTSPFPFiiEiE)(0)) == NULL);
    IA2_CALL(o.in.hook, _ZTSPFvvE)();
    printf("%d %d\n", IA2_CALL(lib_ops_ptr()->f, _ZTSPFiiE)(4), IA2_CALL(lib_ops_ptr()->tab[1], _ZTSPFiiE)(4));
    struct ops m = { .f = {IA2_FN_ADDR(sq)}, {IA2_FN_ADDR(mine)}, {IA2_FN_ADDR(my_w)}, { {IA2_FN_ADDR(neg)}, {IA2_FN_ADDR(sq)} }, { {IA2_FN_ADDR(my_hook)} } };
    printf("%d %d\n", lib_take(m, 3), lib_take(o, 2));
    printf("%d %d %d\n", IA2_CALL(lib_direct(0), _ZTSPFiiE)(5), (IA2_CALL(lib_direct(2), _ZTSPFiiE))(5), lib_plain(6));
    printf("%d %d\n", IA2_CALL(lib_global, _ZTSPFiiE)(7), IA2_CALL(lib_const[1], _ZTSPFiiE)(7));
    lib_global = IA2_FN(neg);
    printf("%d\n", IA2_CALL(lib_global, _ZTSPFiiE)(7));
    fn_p *gp = &lib_global;
    printf("%d\n", (IA2_CALL(*gp, _ZTSPFiiE))(8));
    struct obj *b = mid_new(9);
    printf("%d %d\n", IA2_CALL(b->vt->get, _ZTSPFiPK3objE)(b), mid_use(b));
    struct obj *c = IA2_CALL(b->vt->clone, _ZTSPFP3objPKS_E)(b);
    c->vt = &my_vt;
    IA2_CALL(c->vt->set, _ZTSPFvP3objiE)(c, 5);
    printf("%d\n", IA2_CALL(c->vt->get, _ZTSPFiPK3objE)(c));
    bag g = { { {IA2_FN_ADDR(sq)} }, 1 };
    g = mid_bag(mid_bag(g, IA2_FN(neg)), o.f);
    for (size_t i = 0; i < g.n; i++)
        printf("%d ", IA2_CALL(g.cb[i], _ZTSPFiiE)(3));
    puts("");
    static fn_p out IA2_SHARED_DATA;
    static maker mk IA2_SHARED_DATA;
    mid_out(&out, &mk);
    printf("%d %d %d\n", IA2_CALL(out, _ZTSPFiiE)(3), IA2_CALL(IA2_CALL(mk, _ZTSPFPFiiEiE)(1), _ZTSPFiiE)(3), !IA2_ADDR(IA2_CALL(mk, _ZTSPFPFiiEiE)(0)));
    printf("%d %d\n", mid_chain(IA2_FN(sq), o.f, 2), mid_chain(IA2_FN(lib_plain), IA2_FN(neg), 2));
    printf("%d %d %d\n", mid_apply(list, 4), mid_sel(1, IA2_FN(sq), IA2_FN(neg)), mid_sel(0, IA2_FN(sq), IA2_FN(neg)));
    struct IA2_fnptr__ZTSPFPFiiEiE mm = {IA2_FN_ADDR(mine)};
    maker arr[2] = { {IA2_FN_ADDR(mine)}, lib_ops().make };
    printf("%d %d %d\n", IA2_CALL(IA2_CALL(mm, _ZTSPFPFiiEiE)(2), _ZTSPFiiE)(6), IA2_CALL(IA2_CALL(arr[0], _ZTSPFPFiiEiE)(0), _ZTSPFiiE)(6), IA2_CALL(IA2_CALL(arr[1], _ZTSPFPFiiEiE)(1), _ZTSPFiiE)(6));
    struct IA2_fnptr__ZTSPFPFiiEiE fpp = {IA2_FN_ADDR(mine)};
    printf("%d\n", IA2_CALL(IA2_CALL(fpp, _ZTSPFPFiiEiE)(5), _ZTSPFiiE)(5));
    fn_p cond = {b->v ? IA2_FN_ADDR(sq) : IA2_FN_ADDR(lib_plain)};
    printf("%d\n", IA2_CALL(cond, _ZTSPFiiE)(3));
    printf("%d\n", IA2_CALL((b->v > 100 ? o.f : lib_direct(1)), _ZTSPFiiE)(3));
    printf("%d\n", IA2_CALL(({
        fn_p t = {IA2_FN_ADDR(sq)};
        t;
    }), _ZTSPFiiE)(4));
    printf("%d\n", _Generic(o.f, fn_p: 1, default: 2));
    static struct option option IA2_SHARED_DATA = { "verbose", (void *)IA2_FN_ADDR(on_option) };
    printf("%d\n", mid_option(&option, IA2_FN(on_option), IA2_FN(on_const_option)));
    printf("%zu %d\n", sizeof(fn_p), (int)(sizeof o.tab / sizeof *o.tab));
    return 0;
}
IA2_NEED(lib_direct)
IA2_NEED(lib_ops)
IA2_NEED(lib_ops_ptr)
IA2_NEED(lib_plain)
IA2_NEED(lib_take)
IA2_NEED(mid_apply)
IA2_NEED(mid_bag)
IA2_NEED(mid_chain)
IA2_NEED(mid_new)
IA2_NEED(mid_option)
IA2_NEED(mid_out)
IA2_NEED(mid_sel)
IA2_NEED(mid_use)

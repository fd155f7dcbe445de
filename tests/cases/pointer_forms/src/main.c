#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include "zoo.h"
INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int sq(int x)
{
    return x * x;
}

static int neg(int x)
{
    return -x;
}

static fn_p mine(int n)
{
    return n > 1 ? sq : neg;
}

static int my_w(fn_p f, int n)
{
    return f(f(n));
}

static void my_hook(void)
{
    puts("mine");
}

static int g_get(const struct obj *o)
{
    return o->v * 2;
}

static void g_set(struct obj *o, int v)
{
    o->v = v + 1;
}
static const struct vt my_vt = { g_get, g_set, NULL };
static fn_p list[] IA2_SHARED_DATA = { sq, neg, NULL };

static int options_seen;
static int on_option(struct option *o, const char **words) { return o != NULL && words != NULL && ++options_seen; }
static int on_const_option(const struct option *o, const char *const *words) { return o && words && ++options_seen; }

int main(void)
{
    struct ops o = lib_ops();
    printf("%d %d %d %d\n", o.f(1), o.make(1)(1), o.w(o.tab[1], 5), o.make(0) == NULL);
    o.in.hook();
    printf("%d %d\n", lib_ops_ptr()->f(4), lib_ops_ptr()->tab[1](4));
    struct ops m = { .f = sq, mine, my_w, { neg, sq }, { my_hook } };
    printf("%d %d\n", lib_take(m, 3), lib_take(o, 2));
    printf("%d %d %d\n", lib_direct(0)(5), (*lib_direct(2))(5), lib_plain(6));
    printf("%d %d\n", lib_global(7), lib_const[1](7));
    lib_global = neg;
    printf("%d\n", lib_global(7));
    fn_p *gp = &lib_global;
    printf("%d\n", (*gp)(8));
    struct obj *b = mid_new(9);
    printf("%d %d\n", b->vt->get(b), mid_use(b));
    struct obj *c = b->vt->clone(b);
    c->vt = &my_vt;
    c->vt->set(c, 5);
    printf("%d\n", c->vt->get(c));
    bag g = { { sq }, 1 };
    g = mid_bag(mid_bag(g, neg), o.f);
    for (size_t i = 0; i < g.n; i++)
        printf("%d ", g.cb[i](3));
    puts("");
    static fn_p out IA2_SHARED_DATA;
    static maker mk IA2_SHARED_DATA;
    mid_out(&out, &mk);
    printf("%d %d %d\n", out(3), mk(1)(3), !mk(0));
    printf("%d %d\n", mid_chain(sq, o.f, 2), mid_chain(lib_plain, neg, 2));
    printf("%d %d %d\n", mid_apply(list, 4), mid_sel(1, sq, neg), mid_sel(0, sq, neg));
    fn_p (*mm)(int) = mine;
    maker arr[2] = { mine, lib_ops().make };
    printf("%d %d %d\n", mm(2)(6), arr[0](0)(6), arr[1](1)(6));
    int (*(*fpp)(int))(int) = mine;
    printf("%d\n", fpp(5)(5));
    fn_p cond = b->v ? sq : lib_plain;
    printf("%d\n", cond(3));
    printf("%d\n", (b->v > 100 ? o.f : lib_direct(1))(3));
    printf("%d\n", ({
        fn_p t = sq;
        t;
    })(4));
    printf("%d\n", _Generic(o.f, fn_p: 1, default: 2));
    static struct option option IA2_SHARED_DATA = { "verbose", (void *)on_option };
    printf("%d\n", mid_option(&option, on_option, on_const_option));
    printf("%zu %d\n", sizeof(fn_p), (int)(sizeof o.tab / sizeof *o.tab));
    return 0;
}

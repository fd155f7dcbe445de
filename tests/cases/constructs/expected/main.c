#include <ia2.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include "parts.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int factor = 2;
IA2_STATIC_FN(same, _ZTSPFiiE, main_c) static int same(int x) { return x; } IA2_REGISTER_LOCAL(same, 0xc486b49c7a04d9f3)
IA2_STATIC_FN(times, _ZTSPFiiE, main_c) static int times(int x) { return factor * x; } IA2_REGISTER_LOCAL(times, 0xd2ff69ae992d2055)
IA2_STATIC_FN(show, _ZTSPFviPvE, main_c) static void show(int i, void *data) { printf("%s%d\n", (const char *)data, i); } IA2_REGISTER_LOCAL(show, 0xc52ed34b36df0bfd)
IA2_STATIC_FN(apply, _ZTSPFiPFiiEiE, main_c) static int apply(fn f, int x) { return IA2_CALL(f, _ZTSPFiiE)(x) * factor; } IA2_REGISTER_LOCAL(apply, 0x1690d9200d960f6)

static int count_nodes(node *n) { return n ? 1 + count_nodes(n->next) : 0; }
static int visit_node(node *n, int (*f)(node *)) { return f(n); }
typedef void *(*returns_itself)(void);
static void *itself(void) { return (void *)itself; }

fn global = {IA2_FN_ADDR(same)}, *to_global = &global;
fn many[3], (*to_many)[3] = &many;
static struct IA2_fnptr__ZTSPFiiE const constant = {IA2_FN_ADDR(times)};
static void nothing(void) {}
static void (*volatile changing)(void) = nothing;
struct made { int size; } *make_one(void), (*make_made)(struct made *), made_one;
struct made *make_one(void) { made_one.size = 7; return &made_one; }
static struct made make_other(struct made *from) { return *from; }
static fn next_of(int *count) { return ++*count < 3 ? IA2_FN(times) : IA2_OPAQUE(_ZTSPFiiE, 0); }
static int increments(fn *p) { int first = (IA2_CALL(*p++, _ZTSPFiiE))(1); return first + IA2_CALL(p[0], _ZTSPFiiE)(2); }
static int sum_of(int n, ...)
{
    va_list list;
    int sum = 0;
    va_start(list, n);
    while (n--)
        sum += IA2_CALL(va_arg(list, fn), _ZTSPFiiE)(n) + IA2_CALL(va_arg(list, struct IA2_fnptr__ZTSPFiiE), _ZTSPFiiE)(n);
    va_end(list);
    return sum;
}
static int chains(void)
{
    fn a, b;
    a = b = IA2_FN(times);
    if ((IA2_ADDR(a = b)))
        IA2_AS_PTR(a) = 0;
    return IA2_ADDR(a) ? 1 : IA2_CALL(b, _ZTSPFiiE)(2);
}
struct flexible { int n; fn f[]; };

static void across(void)
{
    node second = { 0, visit_node }, first = { &second, visit_node };

    printf("twice %d %d %d\n", parts_twice(IA2_FN(times), 3), parts_twice_again(IA2_FN(times), 3), parts_twice(IA2_FN(same), 1));
    parts_each(2, IA2_FN(show), "a"), parts_each(1, IA2_FN(show), "b"), parts_each(1, IA2_FN(show), "c");
    printf("old %d\n", parts_old(IA2_FN(times), IA2_FN(same), 4));
    printf("get %d %d %d\n", IA2_CALL(parts_get(1), _ZTSPFiiE)(1), IA2_CALL(parts_get(0), _ZTSPFiiE)(-2), IA2_ADDR(parts_get_spelled(0)) == NULL);
    printf("getter %d\n", IA2_CALL(IA2_CALL(parts_get_getter(), _ZTSPFPFiPFiiEiEvE)(), _ZTSPFiPFiiEiE)(IA2_FN(times), 3));
    printf("hold %d %d\n", parts_use(parts_hold(IA2_FN(times))), IA2_CALL(parts_hold(IA2_FN(times)).in, _ZTSPFiiE)(5));
    printf("pick %d %d\n", IA2_CALL(parts_pick(IA2_OPAQUE(_ZTSPFiiE, 0), IA2_OPAQUE(_ZTSPFiiE, 0)), _ZTSPFiiE)(1), IA2_CALL(parts_pick(IA2_OPAQUE(_ZTSPFiiE, 0), IA2_FN(times)), _ZTSPFiiE)(1));
    printf("truths %d %d\n", parts_truths(IA2_FN(times)), parts_truths(IA2_OPAQUE(_ZTSPFiiE, NULL)));
    printf("through %d %d\n", parts_through((void *)IA2_FN_ADDR(times), 6), parts_through(parts_address(IA2_FN(times)), 7));
    printf("apply %d\n", parts_apply(IA2_FN(apply), IA2_FN(times), 4));
    printf("statics %d\n", parts_statics());
    printf("visit %d\n", first.visit(&first, count_nodes));
    printf("inline %d %d\n", call_it(IA2_FN(times), 1), call_it(IA2_OPAQUE(_ZTSPFiiE, NULL), 1));
}

static void within(void)
{
    fn list[2] = { {IA2_FN_ADDR(same)}, {IA2_FN_ADDR(times)} };
    int count = 0;

    { int i = 0; struct IA2_fnptr__ZTSPFiiE step = {IA2_FN_ADDR(times)}; for (; i < 2; i++)
        printf("step %d\n", IA2_CALL(step, _ZTSPFiiE)(i)); }
    for (fn f; (IA2_ADDR(f = next_of(&count))); )
        printf("next %d\n", IA2_CALL(f, _ZTSPFiiE)(count));
    printf("globals %d %d %d\n", IA2_CALL(global, _ZTSPFiiE)(1), (IA2_CALL(*to_global, _ZTSPFiiE))(2), sizeof(fn) == sizeof global);
    (*to_many)[1] = constant;
    printf("many %d %d\n", IA2_CALL(many[1], _ZTSPFiiE)(5), IA2_ADDR(many[0]) == NULL);
    changing();
    printf("chains %d increments %d sum %d\n", chains(), increments(list), sum_of(1, IA2_FN(same), IA2_FN(times)));
    make_made = make_other;
    printf("made %d\n", make_made(make_one()).size);
    {
        returns_itself a = itself, b = (returns_itself)a();
        printf("itself %d\n", a == b && b() == (void *)itself);
    }
    {
        void *address = (void *)IA2_FN_ADDR(times);
        fn f = (fn){(void *)(address)}, g = IA2_OPAQUE(_ZTSPFiiE, address);
        printf("addresses %d %d %d %d\n", IA2_CALL(f, _ZTSPFiiE)(1), IA2_IDENTITY(g) == IA2_FN_IDENTITY(times), (void *)-1 == IA2_ADDR(g), (long)IA2_ADDR(g) == (long)IA2_FN_ADDR(times));
        g = (fn){(void *)(-1)};
        printf("sentinel %d\n", IA2_ADDR(g) == (void *)-1);
    }
    {
        struct flexible *flexible = malloc(sizeof *flexible + 2 * sizeof(fn));
        flexible->f[0] = IA2_FN(same);
        flexible->f[1] = flexible->f[0];
        printf("flexible %d\n", IA2_CALL(flexible->f[1], _ZTSPFiiE)(6));
        free(flexible);
    }
    printf("forms %d\n",
           IA2_CALL(({ fn f = {IA2_FN_ADDR(times)}; f; }), _ZTSPFiiE)(4) + IA2_CALL(({ IA2_FN(times); }), _ZTSPFiiE)(1) + IA2_CALL(((void)0, IA2_FN(times)), _ZTSPFiiE)(1) + IA2_CALL((factor ? IA2_FN(times) : IA2_FN(same)), _ZTSPFiiE)(2) + (*times)(1)
               + (&times)(1) + IA2_CALL(((fn){IA2_FN_ADDR(times)}), _ZTSPFiiE)(1) + (***times)(1) + IA2_CALL(((fn[]){ {IA2_FN_ADDR(same)}, {IA2_FN_ADDR(times)} })[1], _ZTSPFiiE)(3));
    {
        fn f = {IA2_FN_ADDR(times)};
        __typeof__(f) g = f;
        __typeof__(struct IA2_fnptr__ZTSPFiiE) h = g;
        struct IA2_fnptr__ZTSPFiiE i = h;
        __auto_type j = i;
        __typeof__(IA2_CALL(f, _ZTSPFiiE)(1)) result = IA2_CALL(j, _ZTSPFiiE)(3);
        printf("typeof %d %d\n", result, _Generic(f, fn: IA2_CALL(f, _ZTSPFiiE)(1), default: 0));
        printf("generic %d %d\n", _Generic(IA2_FN(times), struct IA2_fnptr__ZTSPFiiE: 1, default: 0), _Generic(1, int: times, long: labs)(2));
    }
    {
        fn f = {IA2_FN_ADDR(times)}, old;
        _Atomic(fn) slot;
        struct IA2_fnptr__ZTSPFiiE _Atomic spelled = IA2_FN(times);
        __atomic_store_n(&IA2_AS_PTR(f), IA2_FN_ADDR(same), __ATOMIC_SEQ_CST);
        old = IA2_OPAQUE(_ZTSPFiiE, __atomic_load_n(&IA2_AS_PTR(f), __ATOMIC_SEQ_CST));
        printf("atomic %d %d\n", IA2_CALL(old, _ZTSPFiiE)(3), __sync_bool_compare_and_swap(&IA2_AS_PTR(f), IA2_ADDR(old), IA2_FN_ADDR(times)));
        old = IA2_OPAQUE(_ZTSPFiiE, __atomic_exchange_n(&IA2_AS_PTR(f), 0, __ATOMIC_SEQ_CST));
        printf("atomic %d %d\n", IA2_IDENTITY(old) == IA2_FN_IDENTITY(times), IA2_ADDR(f) == 0);
        __atomic_store(&f, &old, __ATOMIC_SEQ_CST);
        printf("atomic %d\n", __atomic_compare_exchange_n(&IA2_AS_PTR(f), &IA2_AS_PTR(old), IA2_FN_ADDR(same), 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
        atomic_init(&slot, IA2_FN(same));
        slot = IA2_FN(times);
        printf("atomic %d %d\n", IA2_CALL(IA2_ATOMIC_VALUE(_ZTSPFiiE, slot), _ZTSPFiiE)(2), IA2_ADDR(IA2_ATOMIC_VALUE(_ZTSPFiiE, slot)) == IA2_FN_ADDR(times) && IA2_CALL(IA2_ATOMIC_VALUE(_ZTSPFiiE, spelled), _ZTSPFiiE)(1) == 2);
        atomic_store(&slot, IA2_FN(same));
        old = atomic_load(&slot);
        printf("atomic %d %d\n", IA2_CALL(old, _ZTSPFiiE)(2), atomic_compare_exchange_strong(&slot, &old, IA2_FN(times)));
    }
}

int main(void)
{
    across();
    within();
    return 0;
}
IA2_NEED(parts_address)
IA2_NEED(parts_apply)
IA2_NEED(parts_each)
IA2_NEED(parts_get)
IA2_NEED(parts_get_getter)
IA2_NEED(parts_get_spelled)
IA2_NEED(parts_hold)
IA2_NEED(parts_old)
IA2_NEED(parts_pick)
IA2_NEED(parts_statics)
IA2_NEED(parts_through)
IA2_NEED(parts_truths)
IA2_NEED(parts_twice)
IA2_NEED(parts_twice_again)
IA2_NEED(parts_use)

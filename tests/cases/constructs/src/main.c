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
static int same(int x) { return x; }
static int times(int x) { return factor * x; }
static void show(int i, void *data) { printf("%s%d\n", (const char *)data, i); }
static int apply(fn f, int x) { return f(x) * factor; }

static int count_nodes(node *n) { return n ? 1 + count_nodes(n->next) : 0; }
static int visit_node(node *n, int (*f)(node *)) { return f(n); }
typedef void *(*returns_itself)(void);
static void *itself(void) { return (void *)itself; }

fn global = same, *to_global = &global;
fn many[3], (*to_many)[3] = &many;
static int (*const constant)(int) = times;
static void nothing(void) {}
static void (*volatile changing)(void) = nothing;
struct made { int size; } *make_one(void), (*make_made)(struct made *), made_one;
struct made *make_one(void) { made_one.size = 7; return &made_one; }
static struct made make_other(struct made *from) { return *from; }
static fn next_of(int *count) { return ++*count < 3 ? times : 0; }
static int increments(fn *p) { int first = (*p++)(1); return first + p[0](2); }
static int sum_of(int n, ...)
{
    va_list list;
    int sum = 0;
    va_start(list, n);
    while (n--)
        sum += va_arg(list, fn)(n) + va_arg(list, int (*)(int))(n);
    va_end(list);
    return sum;
}
static int chains(void)
{
    fn a, b;
    a = b = times;
    if ((a = b))
        a = 0;
    return a ? 1 : b(2);
}
struct flexible { int n; fn f[]; };

static void across(void)
{
    node second = { 0, visit_node }, first = { &second, visit_node };

    printf("twice %d %d %d\n", parts_twice(times, 3), parts_twice_again(times, 3), parts_twice(same, 1));
    parts_each(2, show, "a"), parts_each(1, &show, "b"), parts_each(1, *show, "c");
    printf("old %d\n", parts_old(times, same, 4));
    printf("get %d %d %d\n", parts_get(1)(1), parts_get(0)(-2), parts_get_spelled(0) == NULL);
    printf("getter %d\n", parts_get_getter()()(times, 3));
    printf("hold %d %d\n", parts_use(parts_hold(times)), parts_hold(times).in(5));
    printf("pick %d %d\n", parts_pick(0, 0)(1), parts_pick(0, times)(1));
    printf("truths %d %d\n", parts_truths(times), parts_truths(NULL));
    printf("through %d %d\n", parts_through((void *)times, 6), parts_through(parts_address(times), 7));
    printf("apply %d\n", parts_apply(apply, times, 4));
    printf("statics %d\n", parts_statics());
    printf("visit %d\n", first.visit(&first, count_nodes));
    printf("inline %d %d\n", call_it(times, 1), call_it(NULL, 1));
}

static void within(void)
{
    fn list[2] = { same, times };
    int count = 0;

    for (int i = 0, (*step)(int) = times; i < 2; i++)
        printf("step %d\n", step(i));
    for (fn f; (f = next_of(&count)); )
        printf("next %d\n", f(count));
    printf("globals %d %d %d\n", global(1), (*to_global)(2), sizeof(fn) == sizeof global);
    (*to_many)[1] = constant;
    printf("many %d %d\n", many[1](5), many[0] == NULL);
    changing();
    printf("chains %d increments %d sum %d\n", chains(), increments(list), sum_of(1, same, times));
    make_made = make_other;
    printf("made %d\n", make_made(make_one()).size);
    {
        returns_itself a = itself, b = (returns_itself)a();
        printf("itself %d\n", a == b && b() == (void *)itself);
    }
    {
        void *address = (void *)times;
        fn f = (fn)address, g = address;
        printf("addresses %d %d %d %d\n", f(1), g == times, (fn)-1 == g, (long)g == (long)times);
        g = (fn)-1;
        printf("sentinel %d\n", g == (fn)-1);
    }
    {
        struct flexible *flexible = malloc(sizeof *flexible + 2 * sizeof(fn));
        flexible->f[0] = same;
        flexible->f[1] = flexible->f[0];
        printf("flexible %d\n", flexible->f[1](6));
        free(flexible);
    }
    printf("forms %d\n",
           ({ fn f = times; f; })(4) + ({ times; })(1) + ((void)0, times)(1) + (factor ? times : same)(2) + (*times)(1)
               + (&times)(1) + ((fn)times)(1) + (***times)(1) + ((fn[]){ same, times })[1](3));
    {
        fn f = times;
        __typeof__(f) g = f;
        __typeof__(int (*)(int)) h = g;
        __typeof__(times) *i = h;
        __auto_type j = i;
        __typeof__(f(1)) result = j(3);
        printf("typeof %d %d\n", result, _Generic(f, fn: f(1), default: 0));
        printf("generic %d %d\n", _Generic(&times, int (*)(int): 1, default: 0), _Generic(1, int: times, long: labs)(2));
    }
    {
        fn f = times, old;
        _Atomic(fn) slot;
        int (*_Atomic spelled)(int) = times;
        __atomic_store_n(&f, same, __ATOMIC_SEQ_CST);
        old = __atomic_load_n(&f, __ATOMIC_SEQ_CST);
        printf("atomic %d %d\n", old(3), __sync_bool_compare_and_swap(&f, old, times));
        old = __atomic_exchange_n(&f, 0, __ATOMIC_SEQ_CST);
        printf("atomic %d %d\n", old == times, f == 0);
        __atomic_store(&f, &old, __ATOMIC_SEQ_CST);
        printf("atomic %d\n", __atomic_compare_exchange_n(&f, &old, same, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
        atomic_init(&slot, same);
        slot = times;
        printf("atomic %d %d\n", slot(2), slot == times && spelled(1) == 2);
        atomic_store(&slot, same);
        old = atomic_load(&slot);
        printf("atomic %d %d\n", old(2), atomic_compare_exchange_strong(&slot, &old, times));
    }
}

int main(void)
{
    across();
    within();
    return 0;
}

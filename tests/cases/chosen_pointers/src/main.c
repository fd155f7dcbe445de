#include <ia2.h>
#include <signal.h>
#include <stdio.h>
#include "lib.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>
#if __STDC_VERSION__ > 202000L && defined __clang__
#define INFERRED auto
#else
#define INFERRED __auto_type
#endif
#define LET(name, value) INFERRED name = value
#define IS_CALLBACK(x) __builtin_types_compatible_p(__typeof__(x), int (*)(int))
#define ARE_SAME(T, U) __builtin_types_compatible_p(T, U)
_Static_assert(__builtin_types_compatible_p(fn, int (*)(int)), "one type");
static int k = 3;
static int times(int x) { return x * k; }
static int neg(int x) { return k - x; }
static void applied(fn f, int n) { printf("applied %d\n", f(n)); }
static fn chosen(void) { return times; }
static void handler(int n) { printf("handled %d\n", n * k); }
static void (*shared_handler)(int) IA2_SHARED_DATA = handler;
int main(void)
{
    for (int i = 0; i < 8; i++)
        printf("get %d\n", lib_get(i)(i));
    printf("any %d %d %d %d\n", lib_any(times), lib_any(lib_get(1)), lib_any((fn)0), lib_any((void *)0));
    printf("any %d\n", lib_any((any){ .f = neg }));
    fn a = __builtin_choose_expr(1, times, neg), b = __builtin_choose_expr(sizeof(long) == 8, lib_get(0), 0);
    printf("chosen %d %d %d\n", a(2), b(2), lib_run(__builtin_choose_expr(0, a, neg), 2));
    printf("called %d\n", __builtin_choose_expr(1, times, neg)(3) + __builtin_choose_expr(0, a, b)(4));
    LET(c, times);
    LET(d, lib_get(3));
    LET(e, lib_run);
    printf("inferred %d %d %d\n", c(1), d(1), e(times, 2));
    printf("generic %d %d\n", _Generic(a, fn: times, default: 0)(2), lib_run(_Generic(times, ft *: neg, default: 0), 1));
    const fn *p = &a;
    printf("double pointers %d %d %d\n", _Generic(&a, ft **: 1, default: 2),
           _Generic(p, ft **: 1, int (*const *)(int): 2, ft *volatile *: 3),
           _Generic(times, int (*)(long): 1, ft *: 2, default: 3));
    printf("compared %d %d %d %d %d\n", IS_CALLBACK(a), IS_CALLBACK(k), IS_CALLBACK(times),
           ARE_SAME(fn *, int (**)(int)), ARE_SAME(int (*)(long), ft *));
    printf("compared %d %d\n", __builtin_types_compatible_p(int (*const *)(int), __typeof__(p)),
           __builtin_types_compatible_p(__typeof__(a), __typeof__(b)));
    /* Types that stay, with parameters and results that do not. */
    void (*apply)(int (*)(int), int) = applied;
    fn (*choose)(void) = chosen;
    void (*on_signal)(int) = shared_handler;
    printf("parts %d %d %d %d\n", _Generic(apply, void (*)(int(int), int n): 1, void (*)(int (*)(long), int): 2, default: 3),
           _Generic(applied, void (*)(ft, int): 1, default: 2), _Generic(choose, int (*(*)(int))(int): 1, int (*(*)(void))(int): 2, default: 3),
           _Generic(chosen, fn (*)(long): 1, fn (*)(void): 2, default: 3));
    printf("of the system %d %d\n", _Generic(on_signal, sig_t: 1, default: 2), _Generic(handler, void (*)(int): 1, default: 2));
    apply(choose(), 4);
    on_signal(2);
    return 0;
}

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
#define IS_CALLBACK(x) __builtin_types_compatible_p(__typeof__(x), struct IA2_fnptr__ZTSPFiiE)
#define ARE_SAME(T, U) __builtin_types_compatible_p(T, U)
_Static_assert(__builtin_types_compatible_p(fn, struct IA2_fnptr__ZTSPFiiE), "one type");
static int k = 3;
IA2_STATIC_FN(times, _ZTSPFiiE, main_c) static int times(int x) { return x * k; } IA2_REGISTER_LOCAL(times, 0xd2ff69ae992d2055)
IA2_STATIC_FN(neg, _ZTSPFiiE, main_c) static int neg(int x) { return k - x; } IA2_REGISTER_LOCAL(neg, 0xe0162de7555a8489)
static void applied(fn f, int n) { printf("applied %d\n", IA2_CALL(f, _ZTSPFiiE)(n)); }
static fn chosen(void) { return IA2_FN(times); }
IA2_STATIC_FN(handler, _ZTSPFviE, main_c) static void handler(int n) { printf("handled %d\n", n * k); } IA2_REGISTER_LOCAL(handler, 0xb163a914ae6ce3a1)
static struct IA2_fnptr__ZTSPFviE shared_handler IA2_SHARED_DATA = {IA2_FN_ADDR(handler)};
int main(void)
{
    for (int i = 0; i < 8; i++)
        printf("get %d\n", IA2_CALL(lib_get(i), _ZTSPFiiE)(i));
    printf("any %d %d %d %d\n", lib_any(IA2_FN(times)), lib_any(lib_get(1)), lib_any((fn){0}), lib_any(IA2_OPAQUE(_ZTSPFiiE, (void *)0)));
    printf("any %d\n", lib_any((any){ .f = {IA2_FN_ADDR(neg)} }));
    fn a = {__builtin_choose_expr(1, IA2_FN_ADDR(times), IA2_FN_ADDR(neg))}, b = {__builtin_choose_expr(sizeof(long) == 8, IA2_ADDR(lib_get(0)), 0)};
    printf("chosen %d %d %d\n", IA2_CALL(a, _ZTSPFiiE)(2), IA2_CALL(b, _ZTSPFiiE)(2), lib_run(__builtin_choose_expr(0, a, IA2_FN(neg)), 2));
    printf("called %d\n", __builtin_choose_expr(1, times, neg)(3) + IA2_CALL(__builtin_choose_expr(0, a, b), _ZTSPFiiE)(4));
    __auto_type c = IA2_FN(times);
    LET(d, lib_get(3));
    LET(e, lib_run);
    printf("inferred %d %d %d\n", IA2_CALL(c, _ZTSPFiiE)(1), IA2_CALL(d, _ZTSPFiiE)(1), e(IA2_FN(times), 2));
    printf("generic %d %d\n", _Generic(a, fn: times, default: 0)(2), lib_run(_Generic(IA2_FN(times), struct IA2_fnptr__ZTSPFiiE: IA2_FN(neg), default: 0), 1));
    const fn *p = &a;
    printf("double pointers %d %d %d\n", _Generic(&a, struct IA2_fnptr__ZTSPFiiE *: 1, default: 2),
           _Generic(p, struct IA2_fnptr__ZTSPFiiE *: 1, struct IA2_fnptr__ZTSPFiiE const *: 2, struct IA2_fnptr__ZTSPFiiE volatile *: 3),
           _Generic(IA2_FN(times), int (*)(long): 1, struct IA2_fnptr__ZTSPFiiE: 2, default: 3));
    printf("compared %d %d %d %d %d\n", IS_CALLBACK(a), IS_CALLBACK(k), IS_CALLBACK(times),
           __builtin_types_compatible_p(fn *, struct IA2_fnptr__ZTSPFiiE *), __builtin_types_compatible_p(int (*)(long), struct IA2_fnptr__ZTSPFiiE));
    printf("compared %d %d\n", __builtin_types_compatible_p(struct IA2_fnptr__ZTSPFiiE const *, __typeof__(p)),
           __builtin_types_compatible_p(__typeof__(a), __typeof__(b)));
    /* Types that stay, with parameters and results that do not. */
    void (*apply)(struct IA2_fnptr__ZTSPFiiE, int) = applied;
    fn (*choose)(void) = chosen;
    struct IA2_fnptr__ZTSPFviE on_signal = shared_handler;
    printf("parts %d %d %d %d\n", _Generic(apply, void (*)(struct IA2_fnptr__ZTSPFiiE, int n): 1, void (*)(int (*)(long), int): 2, default: 3),
           _Generic(applied, void (*)(struct IA2_fnptr__ZTSPFiiE, int): 1, default: 2), _Generic(choose, struct IA2_fnptr__ZTSPFiiE (*)(int): 1, struct IA2_fnptr__ZTSPFiiE (*)(void): 2, default: 3),
           _Generic(chosen, fn (*)(long): 1, fn (*)(void): 2, default: 3));
    printf("of the system %d %d\n", _Generic(on_signal, struct IA2_fnptr__ZTSPFviE: 1, default: 2), _Generic(IA2_FN(handler), struct IA2_fnptr__ZTSPFviE: 1, default: 2));
    apply(choose(), 4);
    IA2_CALL(on_signal, _ZTSPFviE)(2);
    return 0;
}
IA2_NEED(lib_any)
IA2_NEED(lib_get)
IA2_NEED(lib_run)

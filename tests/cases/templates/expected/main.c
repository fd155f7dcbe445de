#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include "codes.h"
#include "parts.h"
#include "codes.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>
int lib_line(void);
static int k = 3;
IA2_STATIC_FN(times, _ZTSPFiiE, main_c) static int times(int x) { return k * x; } IA2_REGISTER_LOCAL(times, 0xd2ff69ae992d2055)
IA2_STATIC_FN(square, _ZTSPFllE, main_c) static long square(long x) { return x * x + k; } IA2_REGISTER_LOCAL(square, 0x6cac76477618bc9a)
IA2_STATIC_FN(reported, _ZTSPFiPKciE, main_c) static int reported(const char *kind, int at)
{
    printf("%s at %d\n", kind, at);
    return k;
} IA2_REGISTER_LOCAL(reported, 0xff3c5f1737f99002)
IA2_STATIC_FN(emit, _ZTSPFvP8reporterPKcE, main_c) static void emit(struct reporter *r, const char *text)
{
    printf(text, r->value);
    printf(" %d\n", k);
} IA2_REGISTER_LOCAL(emit, 0xc366a2258edae1c3)
int main(void)
{
    int *v = shared_calloc(3, sizeof *v);
    long *w = shared_calloc(3, sizeof *w);
    char *text = shared_strdup("abcd");
    for (int i = 0; i < 3; i++)
        v[i] = w[i] = i + 1;
    printf("%d %d %ld %ld\n", lib_sum_int(v, 3, IA2_FN(times)), lib_sum_int(v, 3, IA2_OPAQUE(_ZTSPFiiE, 0)), lib_sum_long(w, 3, IA2_FN(square)),
           lib_sum_long(w, 3, IA2_OPAQUE(_ZTSPFllE, 0)));
    printf("%d %d\n", IA2_CALL(lib_op(shared_strdup("twice")), _ZTSPFiiE)(4), IA2_CALL(lib_op(shared_strdup("next")), _ZTSPFiiE)(4));
    printf("%d %d\n", IA2_ADDR(lib_op(text)) == NULL, lib_line());
    printf("%d\n", lib_scan(0, text, IA2_FN(reported)));
    printf("%d\n", lib_scan(1, text, IA2_FN(reported)));
    struct reporter *r = shared_calloc(1, sizeof *r);
    r->emit = IA2_FN(emit);
    printf("%d %d %d\n", lib_check(r, 4), lib_check(r, 2), lib_check(r, 9));
    return 0;
}
IA2_NEED(lib_check)
IA2_NEED(lib_line)
IA2_NEED(lib_op)
IA2_NEED(lib_scan)
IA2_NEED(lib_sum_int)
IA2_NEED(lib_sum_long)

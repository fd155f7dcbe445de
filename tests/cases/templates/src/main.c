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
static int times(int x) { return k * x; }
static long square(long x) { return x * x + k; }
static int reported(const char *kind, int at)
{
    printf("%s at %d\n", kind, at);
    return k;
}
static void emit(struct reporter *r, const char *text)
{
    printf(text, r->value);
    printf(" %d\n", k);
}
int main(void)
{
    int *v = shared_calloc(3, sizeof *v);
    long *w = shared_calloc(3, sizeof *w);
    char *text = shared_strdup("abcd");
    for (int i = 0; i < 3; i++)
        v[i] = w[i] = i + 1;
    printf("%d %d %ld %ld\n", lib_sum_int(v, 3, times), lib_sum_int(v, 3, 0), lib_sum_long(w, 3, square),
           lib_sum_long(w, 3, 0));
    printf("%d %d\n", lib_op(shared_strdup("twice"))(4), lib_op(shared_strdup("next"))(4));
    printf("%d %d\n", lib_op(text) == NULL, lib_line());
    printf("%d\n", lib_scan(0, text, reported));
    printf("%d\n", lib_scan(1, text, reported));
    struct reporter *r = shared_calloc(1, sizeof *r);
    r->emit = emit;
    printf("%d %d %d\n", lib_check(r, 4), lib_check(r, 2), lib_check(r, 9));
    return 0;
}

#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "parts.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>
static int k = 3;
static int times(int x) { return k * x; }
static int same(int x) { return x; }
static word dbl(word w) { return 2 * w; }
static int on_node(node *n, fn f) { return f(n == NULL) + 40; }
int lib_second(void);
static _Thread_local fn tls_fn;
static int sum(int n, ...)
{
    __builtin_va_list ap;
    __builtin_va_start(ap, n);
    int s = 0;
    while (n--)
        s += __builtin_va_arg(ap, fn)(n);
    __builtin_va_end(ap);
    return s;
}
static fn take(fn f) { return f; }
static int cleanup_count;
static void cleanup(fn *f) { cleanup_count += (*f)(1); }
static int outer(int x)
{
    __attribute__((cleanup(cleanup))) fn f = times;
    return f(x);
}
static made_value make_value(void) { return (made_value){ times(3) }; }
static sized make_sized(int x) { return (sized){ times(x) }; }
int main(void)
{
    printf("table %d %d\n", (*lib_table())[0](1), lib_table()[0][1](1));
    printf("ft %d %d %d\n", lib_ft(times)(2), lib_ft(NULL)(2), lib_ft(lib_plain)(1));
    int (**arr)(int) = shared_malloc(3 * sizeof(int (*)(int)));
    arr[0] = times, arr[1] = &same, arr[2] = 0;
    printf("arr %d\n", lib_arr(arr, 5));
    struct bits b = { 1, times, .b = 4, .c = 1 };
    printf("bits %d\n", lib_bits(b));
    printf("bits %d\n", lib_bits((struct bits){ .f = same, .b = 9 }));
    struct anon *a = shared_calloc(1, sizeof *a);
    fn *p = shared_malloc(sizeof *p);
    *p = times;
    *a = (struct anon){ .tag = 1,
                        .f = same,
                        .many = { { times }, [1][1] = same },
                        .list = arr,
                        .deep = (fn *const *)shared_malloc(sizeof(void *)) };
    *(fn **)a->deep = p;
    printf("anon %d %zu\n", lib_anon(a), offsetof(struct anon, many) / sizeof(fn));
    union both u = { .f = times };
    printf("both %d\n", lib_both(u));
    u.p = (void *)same;
    printf("both %d\n", lib_both(u));
    struct flex *f = shared_malloc(sizeof *f + 2 * sizeof f->e[0]);
    f->n = 2;
    f->e[0].name = "a";
    f->e[0].f = NULL;
    f->e[1].name = "b";
    f->e[1].f = times;
    printf("flex %d\n", lib_flex(f));
    printf("tests %d %d %d\n", lib_tests(times, same), lib_tests(NULL, same), lib_tests(times, NULL));
    printf("word %u\n", lib_word(dbl, 3));
    printf("generic %d named %d second %d asm %d attr %d\n", lib_generic(times), lib_named(), lib_second(),
           lib_asm(3), lib_attr(2, times));
    printf("pick %d\n", lib_pick(1, (int (*const *)(int))arr)(6));
    printf("inline %d\n", lib_inline(NULL, times)(2) + lib_inline(same, times)(2));
    node n = { 0, on_node };
    printf("nodes %d\n", n.call(&n, times));
    node *sn = shared_malloc(sizeof *sn);
    *sn = n;
    printf("nodes %d\n", lib_nodes(sn, times));
    printf("counter %d\n", lib_counter()(4));
    printf("void %d int %d\n", lib_void((void *)times, 2), lib_int((uintptr_t)times, 3));
    tls_fn = times;
    printf("tls %d\n", tls_fn(4));
    printf("sum %d\n", sum(2, times, same));
    printf("take %d %d\n", take(times)(1), (take)(same)(2));
    printf("outer %d\n", outer(2));
    printf("cleanup %d\n", cleanup_count);
    fn fs[3] = { times, same }, *q = fs, **qq = &q;
    printf("ptr %d\n", (*q++)(1));
    printf("ptr %d %d %d\n", (*qq)[0](5), q[-1](2), (int)(q - fs));
    printf("%d %d\n", fs[2] == NULL, *(fs + 2) == 0);
    void *raw[2];
    memcpy(raw, fs, sizeof raw);
    printf("raw %d\n", raw[0] == (void *)times && raw[1] == (void *)fs[1]);
    {
        register fn r = times;
        volatile fn v = r;
        const fn c = v;
        fn const d = c;
        fn s = r, *restrict e = &s;
        (void)e;
        printf("quals %d %d\n", c(1), d(2));
    }
    {
        fn x, y, z;
        x = y = z = times;
        if (!(x && y && z))
            abort();
        x = (y, z);
        x = y == z ? same : times;
        printf("assign %d\n", x(9));
    }
    {
        int (*g)(int) = 0, h = 5, (*i)(int) = times, *j = &h;
        printf("decl %d %d %d\n", g == 0, i(*j), h);
    }
    {
        static const struct {
            const char *n;
            fn f[2];
        } t[] = { { "x", { times, same } }, [2] = { .n = "z", .f[1] = times, .f[0] = same } };
        for (int i = 0; i < 3; i++)
            printf("t %d %d\n", i, t[i].n ? t[i].f[0](i) + t[i].f[1](i) : -1);
    }
    {
        fn (*get)(fn) = take;
        printf("get %d\n", get(times)(3));
        int (*(*gg[2])(fn))(int) = { take, take };
        printf("gg %d\n", gg[1](same)(3));
    }
    {
        fn x = times;
    again:
        if (x) {
            x = x == times ? same : NULL;
            goto again;
        }
        printf("goto %d\n", x == NULL);
    }
    {
        printf("stmt %d\n", ({
                   fn t = times;
                   t(1) > 0 ? t : same;
               })(3));
    }
    {
        void *l[] = { &&one, &&two };
        goto *l[1];
    one:
        puts("one");
    two:
        puts("two");
    }
    {
        static struct __attribute__((packed)) { char c; int i; } (*pack)(void) IA2_SHARED_DATA, packed = { 1, 2 };
        static enum { FEW = 3, MANY } (*count)(int) IA2_SHARED_DATA = 0, counted = MANY;
        printf("nameless %d %d %d\n", (int)sizeof packed, pack ? pack().i : packed.i, count ? count(1) : counted);
        printf("%d %d", lib_move(2)->x, lib_move(3)->y);
        printf(" %d %d\n", lib_made(make_value), lib_sized(make_sized, &(sized){ 5 }));
    }
    free(malloc(1));
    return 0;
}

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
IA2_STATIC_FN(times, _ZTSPFiiE, main_c) static int times(int x) { return k * x; } IA2_REGISTER_LOCAL(times, 0xd2ff69ae992d2055)
IA2_STATIC_FN(same, _ZTSPFiiE, main_c) static int same(int x) { return x; } IA2_REGISTER_LOCAL(same, 0xc486b49c7a04d9f3)
IA2_STATIC_FN(dbl, _ZTSPFjjE, main_c) static word dbl(word w) { return 2 * w; } IA2_REGISTER_LOCAL(dbl, 0x7b45154f43d5b125)
IA2_STATIC_FN(on_node, _ZTSPFiP4nodePFiiEE, main_c) static int on_node(node *n, fn f) { return IA2_CALL(f, _ZTSPFiiE)(n == NULL) + 40; } IA2_REGISTER_LOCAL(on_node, 0xc4684967863ce823)
int lib_second(void);
static _Thread_local fn tls_fn;
static int sum(int n, ...)
{
    __builtin_va_list ap;
    __builtin_va_start(ap, n);
    int s = 0;
    while (n--)
        s += IA2_CALL(__builtin_va_arg(ap, fn), _ZTSPFiiE)(n);
    __builtin_va_end(ap);
    return s;
}
static fn take(fn f) { return f; }
static int cleanup_count;
static void cleanup(fn *f) { cleanup_count += (IA2_CALL(*f, _ZTSPFiiE))(1); }
static int outer(int x)
{
    __attribute__((cleanup(cleanup))) fn f = {IA2_FN_ADDR(times)};
    return IA2_CALL(f, _ZTSPFiiE)(x);
}
IA2_STATIC_FN(make_value, _ZTSPF10made_valuevE, main_c) static made_value make_value(void) { return (made_value){ times(3) }; } IA2_REGISTER_LOCAL(make_value, 0x7d1e0c8591ec7fee)
IA2_STATIC_FN(make_sized, _ZTSPF5sizediE, main_c) static sized make_sized(int x) { return (sized){ times(x) }; } IA2_REGISTER_LOCAL(make_sized, 0x191c3f6686bf279c)
int main(void)
{
    printf("table %d %d\n", IA2_CALL((*lib_table())[0], _ZTSPFiiE)(1), IA2_CALL(lib_table()[0][1], _ZTSPFiiE)(1));
    printf("ft %d %d %d\n", IA2_CALL(lib_ft(IA2_FN(times)), _ZTSPFiiE)(2), IA2_CALL(lib_ft(IA2_OPAQUE(_ZTSPFiiE, NULL)), _ZTSPFiiE)(2), IA2_CALL(lib_ft(IA2_FN(lib_plain)), _ZTSPFiiE)(1));
    struct IA2_fnptr__ZTSPFiiE *arr = shared_malloc(3 * sizeof(int (*)(int)));
    arr[0] = IA2_FN(times), arr[1] = IA2_FN(same), IA2_AS_PTR(arr[2]) = 0;
    printf("arr %d\n", lib_arr(arr, 5));
    struct bits b = { 1, {IA2_FN_ADDR(times)}, .b = 4, .c = 1 };
    printf("bits %d\n", lib_bits(b));
    printf("bits %d\n", lib_bits((struct bits){ .f = {IA2_FN_ADDR(same)}, .b = 9 }));
    struct anon *a = shared_calloc(1, sizeof *a);
    fn *p = shared_malloc(sizeof *p);
    *p = IA2_FN(times);
    *a = (struct anon){ .tag = 1,
                        .f = {IA2_FN_ADDR(same)},
                        .many = { { {IA2_FN_ADDR(times)} }, [1][1] = {IA2_FN_ADDR(same)} },
                        .list = arr,
                        .deep = (fn *const *)shared_malloc(sizeof(void *)) };
    *(fn **)a->deep = p;
    printf("anon %d %zu\n", lib_anon(a), offsetof(struct anon, many) / sizeof(fn));
    union both u = { .f = {IA2_FN_ADDR(times)} };
    printf("both %d\n", lib_both(u));
    u.p = (void *)IA2_FN_ADDR(same);
    printf("both %d\n", lib_both(u));
    struct flex *f = shared_malloc(sizeof *f + 2 * sizeof f->e[0]);
    f->n = 2;
    f->e[0].name = "a";
    IA2_AS_PTR(f->e[0].f) = NULL;
    f->e[1].name = "b";
    f->e[1].f = IA2_FN(times);
    printf("flex %d\n", lib_flex(f));
    printf("tests %d %d %d\n", lib_tests(IA2_FN(times), IA2_FN(same)), lib_tests(IA2_OPAQUE(_ZTSPFiiE, NULL), IA2_FN(same)), lib_tests(IA2_FN(times), IA2_OPAQUE(_ZTSPFiiE, NULL)));
    printf("word %u\n", lib_word(IA2_FN(dbl), 3));
    printf("generic %d named %d second %d asm %d attr %d\n", lib_generic(IA2_FN(times)), lib_named(), lib_second(),
           lib_asm(3), lib_attr(2, IA2_FN(times)));
    printf("pick %d\n", IA2_CALL(lib_pick(1, (struct IA2_fnptr__ZTSPFiiE const *)arr), _ZTSPFiiE)(6));
    printf("inline %d\n", IA2_CALL(lib_inline(IA2_OPAQUE(_ZTSPFiiE, NULL), IA2_FN(times)), _ZTSPFiiE)(2) + IA2_CALL(lib_inline(IA2_FN(same), IA2_FN(times)), _ZTSPFiiE)(2));
    node n = { 0, {IA2_FN_ADDR(on_node)} };
    printf("nodes %d\n", IA2_CALL(n.call, _ZTSPFiP4nodePFiiEE)(&n, IA2_FN(times)));
    node *sn = shared_malloc(sizeof *sn);
    *sn = n;
    printf("nodes %d\n", lib_nodes(sn, IA2_FN(times)));
    printf("counter %d\n", IA2_CALL(lib_counter(), _ZTSPFiiE)(4));
    printf("void %d int %d\n", lib_void((void *)IA2_FN_ADDR(times), 2), lib_int((uintptr_t)IA2_FN_ADDR(times), 3));
    tls_fn = IA2_FN(times);
    printf("tls %d\n", IA2_CALL(tls_fn, _ZTSPFiiE)(4));
    printf("sum %d\n", sum(2, IA2_FN(times), IA2_FN(same)));
    printf("take %d %d\n", IA2_CALL(take(IA2_FN(times)), _ZTSPFiiE)(1), IA2_CALL((take)(IA2_FN(same)), _ZTSPFiiE)(2));
    printf("outer %d\n", outer(2));
    printf("cleanup %d\n", cleanup_count);
    fn fs[3] = { {IA2_FN_ADDR(times)}, {IA2_FN_ADDR(same)} }, *q = fs, **qq = &q;
    printf("ptr %d\n", (IA2_CALL(*q++, _ZTSPFiiE))(1));
    printf("ptr %d %d %d\n", IA2_CALL((*qq)[0], _ZTSPFiiE)(5), IA2_CALL(q[-1], _ZTSPFiiE)(2), (int)(q - fs));
    printf("%d %d\n", IA2_ADDR(fs[2]) == NULL, IA2_ADDR(*(fs + 2)) == 0);
    void *raw[2];
    memcpy(raw, fs, sizeof raw);
    printf("raw %d\n", IA2_ADDRESS_IDENTITY(raw[0]) == (void *)IA2_FN_IDENTITY(times) && IA2_ADDRESS_IDENTITY(raw[1]) == (void *)IA2_IDENTITY(fs[1]));
    {
        register fn r = {IA2_FN_ADDR(times)};
        volatile fn v = r;
        const fn c = v;
        fn const d = c;
        fn s = r, *restrict e = &s;
        (void)e;
        printf("quals %d %d\n", IA2_CALL(c, _ZTSPFiiE)(1), IA2_CALL(d, _ZTSPFiiE)(2));
    }
    {
        fn x, y, z;
        x = y = z = IA2_FN(times);
        if (!(IA2_ADDR(x) && IA2_ADDR(y) && IA2_ADDR(z)))
            abort();
        x = (y, z);
        x = IA2_IDENTITY(y) == IA2_IDENTITY(z) ? IA2_FN(same) : IA2_FN(times);
        printf("assign %d\n", IA2_CALL(x, _ZTSPFiiE)(9));
    }
    {
        struct IA2_fnptr__ZTSPFiiE g = {0}; int h = 5; struct IA2_fnptr__ZTSPFiiE i = {IA2_FN_ADDR(times)}; int *j = &h;
        printf("decl %d %d %d\n", IA2_ADDR(g) == 0, IA2_CALL(i, _ZTSPFiiE)(*j), h);
    }
    {
        static const struct {
            const char *n;
            fn f[2];
        } t[] = { { "x", { {IA2_FN_ADDR(times)}, {IA2_FN_ADDR(same)} } }, [2] = { .n = "z", .f[1] = {IA2_FN_ADDR(times)}, .f[0] = {IA2_FN_ADDR(same)} } };
        for (int i = 0; i < 3; i++)
            printf("t %d %d\n", i, t[i].n ? IA2_CALL(t[i].f[0], _ZTSPFiiE)(i) + IA2_CALL(t[i].f[1], _ZTSPFiiE)(i) : -1);
    }
    {
        fn (*get)(fn) = take;
        printf("get %d\n", IA2_CALL(get(IA2_FN(times)), _ZTSPFiiE)(3));
        struct IA2_fnptr__ZTSPFiiE (*gg[2])(fn) = { take, take };
        printf("gg %d\n", IA2_CALL(gg[1](IA2_FN(same)), _ZTSPFiiE)(3));
    }
    {
        fn x = {IA2_FN_ADDR(times)};
    again:
        if (IA2_ADDR(x)) {
            x = IA2_IDENTITY(x) == IA2_FN_IDENTITY(times) ? IA2_FN(same) : IA2_OPAQUE(_ZTSPFiiE, NULL);
            goto again;
        }
        printf("goto %d\n", IA2_ADDR(x) == NULL);
    }
    {
        printf("stmt %d\n", IA2_CALL(({
                   fn t = {IA2_FN_ADDR(times)};
                   IA2_CALL(t, _ZTSPFiiE)(1) > 0 ? t : IA2_FN(same);
               }), _ZTSPFiiE)(3));
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
        struct __attribute__((packed)) IA2_unnamed_main_c_154_16 { char c; int i; }; static struct IA2_fnptr__ZTSPFZ4mainE21unnamed_main_c_154_16vE pack IA2_SHARED_DATA; static struct IA2_unnamed_main_c_154_16 packed = { 1, 2 };
        enum IA2_unnamed_main_c_155_16 { FEW = 3, MANY }; static struct IA2_fnptr__ZTSPFZ4mainE21unnamed_main_c_155_16iE count IA2_SHARED_DATA = {0}; static enum IA2_unnamed_main_c_155_16 counted = MANY;
        printf("nameless %d %d %d\n", (int)sizeof packed, IA2_ADDR(pack) ? IA2_CALL(pack, _ZTSPFZ4mainE21unnamed_main_c_154_16vE)().i : packed.i, IA2_ADDR(count) ? IA2_CALL(count, _ZTSPFZ4mainE21unnamed_main_c_155_16iE)(1) : counted);
        printf("%d %d", IA2_CALL(lib_move, _ZTSPFP20unnamed_parts_h_67_8iE)(2)->x, IA2_CALL(lib_move, _ZTSPFP20unnamed_parts_h_67_8iE)(3)->y);
        printf(" %d %d\n", lib_made(IA2_FN(make_value)), lib_sized(IA2_FN(make_sized), &(sized){ 5 }));
    }
    free(malloc(1));
    return 0;
}
IA2_NEED(lib_anon)
IA2_NEED(lib_arr)
IA2_NEED(lib_asm)
IA2_NEED(lib_attr)
IA2_NEED(lib_bits)
IA2_NEED(lib_both)
IA2_NEED(lib_counter)
IA2_NEED(lib_flex)
IA2_NEED(lib_ft)
IA2_NEED(lib_generic)
IA2_NEED(lib_int)
IA2_NEED(lib_made)
IA2_NEED(lib_named)
IA2_NEED(lib_nodes)
IA2_NEED(lib_pick)
IA2_NEED(lib_plain)
IA2_NEED(lib_second)
IA2_NEED(lib_sized)
IA2_NEED(lib_table)
IA2_NEED(lib_tests)
IA2_NEED(lib_void)
IA2_NEED(lib_word)
IA2_TLS_PAD;

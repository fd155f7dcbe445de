#include <ia2.h>
#include <string.h>
#include <stdarg.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
static int off = 100;
IA2_STATIC_FN(plus, _ZTSPFiiE, parts_c) static int plus(int x) { return x + off; } IA2_REGISTER_LOCAL(plus, 0x1e772f7343fb9b33)
IA2_STATIC_FN(minus, _ZTSPFiiE, parts_c) static int minus(int x) { return x - off; } IA2_REGISTER_LOCAL(minus, 0xbb7ddc10dde8b20)
IA2_SHARED_DATA static fn pair[2] = { {IA2_FN_ADDR(plus)}, {IA2_FN_ADDR(minus)} };
fn (*lib_table(void))[2]
{
    static fn t[2];
    t[0] = pair[1];
    t[1] = pair[0];
    (void)t;
    return &pair;
} IA2_REGISTER(lib_table, 0x77db3505b9dfc70f)
struct IA2_fnptr__ZTSPFiiE lib_ft(struct IA2_fnptr__ZTSPFiiE f) { return IA2_ADDR(f) ? f : IA2_FN(plus); } IA2_REGISTER(lib_ft, 0xc5a16f24eae38fb9)
int lib_plain(int x) { return plus(x) * 2; } IA2_REGISTER(lib_plain, 0xa9e9e9a47a4c351)
int lib_arr(struct IA2_fnptr__ZTSPFiiE f[static 2], int n) { return IA2_CALL(f[0], _ZTSPFiiE)(n) + (IA2_CALL(*(f + 1), _ZTSPFiiE))(n) + (IA2_CALL(*(f + 1), _ZTSPFiiE))(n); } IA2_REGISTER(lib_arr, 0xb3a29536dc6dd86)
int lib_bits(struct bits b) { return b.a + IA2_CALL(b.f, _ZTSPFiiE)(b.b) + b.c; } IA2_REGISTER(lib_bits, 0xcaa635a02c5e1672)
int lib_anon(struct anon *a)
{
    int s = 0;
    for (int i = 0; i < 4; i++)
        s += IA2_ADDR(a->many[i / 2][i % 2]) ? IA2_CALL(a->many[i / 2][i % 2], _ZTSPFiiE)(i) : 1000;
    return s + IA2_CALL(a->f, _ZTSPFiiE)(1) + IA2_CALL(a->g, _ZTSPFiiE)(2) + (a->list ? IA2_CALL(a->list[1], _ZTSPFiiE)(3) : 0) + (IA2_CALL(**a->deep, _ZTSPFiiE))(4);
} IA2_REGISTER(lib_anon, 0x2ddbaa305ffd0f39)
int lib_both(union both u)
{
    union both v;
    memcpy(&v, &u, sizeof v);
    return IA2_ADDRESS_IDENTITY(v.p) == (void *)IA2_IDENTITY(u.f) && u.i ? IA2_CALL(u.f, _ZTSPFiiE)(5) : -1;
} IA2_REGISTER(lib_both, 0x7bc169804026af89)
int lib_flex(const struct flex *f)
{
    int s = 0;
    for (size_t i = 0; i < f->n; i++) {
        if (!IA2_ADDR(f->e[i].f))
            continue;
        s += IA2_CALL(f->e[i].f, _ZTSPFiiE)(i) + (int)strlen(f->e[i].name);
    }
    return s;
} IA2_REGISTER(lib_flex, 0x7a37658e8e97aaa0)
_Bool lib_tests(fn p, fn q)
{
    bool b = IA2_ADDR(p), c = !!IA2_ADDR(q), d = (bool)IA2_ADDR(p);
    int n = 0;
    n += b + c + d + (IA2_IDENTITY(p) == IA2_IDENTITY(q)) + (IA2_IDENTITY(p) != IA2_IDENTITY(q)) + (IA2_ADDR(p) && IA2_ADDR(q)) + (IA2_ADDR(p) || IA2_ADDR(q)) + (!IA2_ADDR(p)) + !(IA2_ADDR(p) && !IA2_ADDR(q));
    if ((IA2_ADDR(p = q)))
        n++;
    if (p, IA2_ADDR(q))
        n += 2;
    while ((IA2_ADDR(q = n < 20 ? p : IA2_OPAQUE(_ZTSPFiiE, NULL))) != NULL)
        n += 5;
    do
        n++;
    while (IA2_ADDR(q));
    for (; (IA2_ADDR(p) ? 1 : 0) && n < 30; n++)
        ;
    n += IA2_ADDR(p) == 0 || IA2_CALL(p, _ZTSPFiiE)(1) > 0;
    n += IA2_ADDR(p) ? IA2_CALL(p, _ZTSPFiiE)(1) : IA2_ADDR(q) ? IA2_CALL(q, _ZTSPFiiE)(1) : 0;
    switch ((int)(IA2_ADDR(p) != NULL)) {
    case 1:
        n++;
        break;
    default:
        n--;
    }
    fn r = {IA2_ADDR(p) ?: IA2_ADDR(q) ?: IA2_FN_ADDR(plus)};
    n += IA2_IDENTITY(r) == IA2_FN_IDENTITY(plus);
    n += (uintptr_t)IA2_ADDR(p) == (uintptr_t)IA2_ADDR(q);
    n += ((void *)IA2_ADDR(p) == NULL) + (0 == IA2_ADDR(p)) + (NULL != (IA2_ADDR(p)));
    p = q = IA2_OPAQUE(_ZTSPFiiE, NULL);
    n += IA2_IDENTITY(p) == IA2_IDENTITY(q);
    return (n & 1) ? IA2_ADDR(p) == NULL : (IA2_ADDR(p) && 1);
} IA2_REGISTER(lib_tests, 0xb3ec84b41d281827)
word lib_word(word_fn f, word w)
{
    word_fn *fp = &f, **fpp = &fp;
    return (IA2_CALL(*fp, _ZTSPFjjE))(w) + (IA2_CALL(**fpp, _ZTSPFjjE))(w) + IA2_CALL(f, _ZTSPFjjE)(w);
} IA2_REGISTER(lib_word, 0xd0ee29e567473560)
#define KIND(x) _Generic((x), struct IA2_fnptr__ZTSPFiiE: 1, struct IA2_fnptr__ZTSPFjjE: 2, int (*)(int, fn): 3, default: 4)
int lib_generic(fn f)
{
    word_fn w = {0};
    int (*two)(int, fn) = 0;
    (void)two;
    (void)IA2_ADDR(w);
    return KIND(f) * 1000 + KIND(w) * 100 + KIND(two) * 10 + KIND(3);
} IA2_REGISTER(lib_generic, 0x7e69cca6604dc429)
static int same_name(int x, int y) { return x * y; }
int lib_named(void)
{
    int (*f)(int, int) = same_name;
    return f(3, 4);
} IA2_REGISTER(lib_named, 0x3c57e538bba4c416)
int lib_asm(int x) { return x + 1; } IA2_REGISTER_LABELLED(lib_asm, 0x1e19146d320091f8, "lib_asm_renamed")
int lib_attr(int x, struct IA2_fnptr__ZTSPFiiE f) { return IA2_CALL(f, _ZTSPFiiE)(x); } IA2_REGISTER(lib_attr, 0x491cf6e3697949dc)
struct IA2_fnptr__ZTSPFiiE lib_pick(int n, struct IA2_fnptr__ZTSPFiiE const *fs) { return fs[n]; } IA2_REGISTER(lib_pick, 0x9ac5b043863c6b4b)
IA2_STATIC_FN(visit, _ZTSPFiP4nodePFiiEE, parts_c) static int visit(node *n, fn f) { return IA2_CALL(f, _ZTSPFiiE)(n->next != NULL); } IA2_REGISTER_LOCAL(visit, 0xc27d4c7ce1a9e44)
int lib_nodes(node *n, fn f)
{
    node extra = { .call = {IA2_FN_ADDR(visit)} };
    return (n ? IA2_CALL(n->call, _ZTSPFiP4nodePFiiEE)(n, f) : 0) + IA2_CALL(extra.call, _ZTSPFiP4nodePFiiEE)(&extra, f);
} IA2_REGISTER(lib_nodes, 0xe7cf6d2f180b9b32)
IA2_STATIC_FN(counter, _ZTSPFiiE, parts_c) static int counter(int x)
{
    static fn self = {IA2_FN_ADDR(counter)};
    return x > 0 ? IA2_CALL(self, _ZTSPFiiE)(x - 1) + 1 : 0;
} IA2_REGISTER_LOCAL(counter, 0x6f79fa0df8139e5f)
fn lib_counter(void)
{
    extern fn_t lib_plain;
    fn p = {IA2_FN_ADDR(lib_plain)};
    return IA2_ADDR(p) ? IA2_FN(counter) : p;
} IA2_REGISTER(lib_counter, 0xf55e63be1cde947a)
int lib_void(void *f, int x) { return (IA2_CALL(*(fn *)&f, _ZTSPFiiE))(x) + IA2_CALL(((fn){(void *)(f)}), _ZTSPFiiE)(x); } IA2_REGISTER(lib_void, 0x6358d5a5addfa25b)
int lib_int(uintptr_t f, int x)
{
    fn g = (fn){(void *)(f)};
    return IA2_CALL(g, _ZTSPFiiE)(x);
} IA2_REGISTER(lib_int, 0xfb9b86e9cf26b2c1)
IA2_STATIC_FN(moved, _ZTSPFP20unnamed_parts_h_67_8iE, parts_c) static __typeof__(lib_point) *moved(int x)
{
    lib_point.x += x;
    lib_point.y -= off;
    return &lib_point;
} IA2_REGISTER_LOCAL(moved, 0xd2ecfd5b51492fc9)
__typeof__(lib_point) lib_point; struct IA2_fnptr__ZTSPFP20unnamed_parts_h_67_8iE lib_move = {IA2_FN_ADDR(moved)};
int lib_made(made_fn make)
{
    made_value made = IA2_CALL(make, _ZTSPF10made_valuevE)();
    return made.kept + off;
} IA2_REGISTER(lib_made, 0x71075f848430a73f)
int lib_sized(sized_fn make, sized_pointer other) { return IA2_CALL(make, _ZTSPF5sizediE)(1).size + (other != NULL); } IA2_REGISTER(lib_sized, 0x2d9daece40d7e002)

#include <ia2.h>
#include <string.h>
#include <stdarg.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
static int off = 100;
static int plus(int x) { return x + off; }
static int minus(int x) { return x - off; }
IA2_SHARED_DATA static fn pair[2] = { plus, minus };
fn (*lib_table(void))[2]
{
    static fn t[2];
    t[0] = pair[1];
    t[1] = pair[0];
    (void)t;
    return &pair;
}
fn_t *lib_ft(fn_t *f) { return f ? f : plus; }
int lib_plain(int x) { return plus(x) * 2; }
int lib_arr(int (*f[static 2])(int), int n) { return f[0](n) + (*(f + 1))(n) + (**(f + 1))(n); }
int lib_bits(struct bits b) { return b.a + b.f(b.b) + b.c; }
int lib_anon(struct anon *a)
{
    int s = 0;
    for (int i = 0; i < 4; i++)
        s += a->many[i / 2][i % 2] ? a->many[i / 2][i % 2](i) : 1000;
    return s + a->f(1) + a->g(2) + (a->list ? a->list[1](3) : 0) + (**a->deep)(4);
}
int lib_both(union both u)
{
    union both v;
    memcpy(&v, &u, sizeof v);
    return v.p == (void *)u.f && u.i ? u.f(5) : -1;
}
int lib_flex(const struct flex *f)
{
    int s = 0;
    for (size_t i = 0; i < f->n; i++) {
        if (!f->e[i].f)
            continue;
        s += f->e[i].f(i) + (int)strlen(f->e[i].name);
    }
    return s;
}
_Bool lib_tests(fn p, fn q)
{
    bool b = p, c = !!q, d = (bool)p;
    int n = 0;
    n += b + c + d + (p == q) + (p != q) + (p && q) + (p || q) + (!p) + !(p && !q);
    if ((p = q))
        n++;
    if (p, q)
        n += 2;
    while ((q = n < 20 ? p : NULL) != NULL)
        n += 5;
    do
        n++;
    while (q);
    for (; (p ? 1 : 0) && n < 30; n++)
        ;
    n += p == 0 || p(1) > 0;
    n += p ? p(1) : q ? q(1) : 0;
    switch ((int)(p != NULL)) {
    case 1:
        n++;
        break;
    default:
        n--;
    }
    fn r = p ?: q ?: plus;
    n += r == plus;
    n += (uintptr_t)p == (uintptr_t)q;
    n += ((void *)p == NULL) + (0 == p) + (NULL != (p));
    p = q = NULL;
    n += p == q;
    return (n & 1) ? p == NULL : (p && 1);
}
word lib_word(word_fn f, word w)
{
    word_fn *fp = &f, **fpp = &fp;
    return (*fp)(w) + (**fpp)(w) + f(w);
}
#define KIND(x) _Generic((x), int (*)(int): 1, word (*)(word): 2, int (*)(int, fn): 3, default: 4)
int lib_generic(fn f)
{
    word_fn w = 0;
    int (*two)(int, fn) = 0;
    (void)two;
    (void)w;
    return KIND(f) * 1000 + KIND(w) * 100 + KIND(two) * 10 + KIND(3);
}
static int same_name(int x, int y) { return x * y; }
int lib_named(void)
{
    int (*f)(int, int) = same_name;
    return f(3, 4);
}
int lib_asm(int x) { return x + 1; }
int lib_attr(int x, int (*f)(int)) { return f(x); }
int (*lib_pick(int n, int (*const *fs)(int)))(int) { return fs[n]; }
static int visit(node *n, fn f) { return f(n->next != NULL); }
int lib_nodes(node *n, fn f)
{
    node extra = { .call = visit };
    return (n ? n->call(n, f) : 0) + extra.call(&extra, f);
}
static int counter(int x)
{
    static fn self = counter;
    return x > 0 ? self(x - 1) + 1 : 0;
}
fn lib_counter(void)
{
    extern fn_t lib_plain;
    fn p = lib_plain;
    return p ? counter : p;
}
int lib_void(void *f, int x) { return (*(fn *)&f)(x) + ((fn)f)(x); }
int lib_int(uintptr_t f, int x)
{
    fn g = (fn)f;
    return g(x);
}
static __typeof__(lib_point) *moved(int x)
{
    lib_point.x += x;
    lib_point.y -= off;
    return &lib_point;
}
__typeof__(lib_point) lib_point, *(*lib_move)(int) = moved;
int lib_made(made_fn make)
{
    made_value made = make();
    return made.kept + off;
}
int lib_sized(sized_fn make, sized_pointer other) { return make(1).size + (other != NULL); }

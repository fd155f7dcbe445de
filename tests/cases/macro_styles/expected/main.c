#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "parts.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>
int lib_conf_check(void);
static int k = 3;
IA2_STATIC_FN(times, _ZTSPFiiE, main_c) static int times(int x) { return k * x; } IA2_REGISTER_LOCAL(times, 0xd2ff69ae992d2055)
IA2_STATIC_FN(neg, _ZTSPFiiE, main_c) static int neg(int x) { return -x; } IA2_REGISTER_LOCAL(neg, 0xe0162de7555a8489)
IA2_STATIC_FN(half, _ZTSPFddE, main_c) static double half(double x) { return x / 2 * k; } IA2_REGISTER_LOCAL(half, 0x7db903402ae7ad57)
IA2_STATIC_FN(init, _ZTSPFiiE, main_c) static int init(int a) { return a + k; } IA2_REGISTER_LOCAL(init, 0xe90b3d1c8cc6ffad)
IA2_STATIC_FN(run, _ZTSPFiiiE, main_c) static int run(int a, int b) { return a * b + k; } IA2_REGISTER_LOCAL(run, 0x469617accb338a10)
IA2_STATIC_FN(stop, _ZTSPFvvE, main_c) static void stop(void) { k++; } IA2_REGISTER_LOCAL(stop, 0xbbfa63186856f7fa)
IA2_STATIC_FN(xm, _ZTSPFPvmE, main_c) static void *xm(size_t n)
{
    k++;
    return shared_malloc(n);
} IA2_REGISTER_LOCAL(xm, 0xc752006fe3d44566)
IA2_STATIC_FN(xf, _ZTSPFvPvE, main_c) static void xf(void *p)
{
    k--;
    shared_free(p);
} IA2_REGISTER_LOCAL(xf, 0xd60ebc8124976b57)
IA2_STATIC_FN(xs, _ZTSPFiPvE, main_c) static int xs(void *p) { return p != NULL; } IA2_REGISTER_LOCAL(xs, 0xe1f3751298a5d240)
IA2_STATIC_FN(my_step, _ZTSPFiPviPiE, main_c) static int my_step(void *c, int n, int *a)
{
    (void)c;
    (void)a;
    return n + k;
} IA2_REGISTER_LOCAL(my_step, 0xa3c1d91a3bf2014d)
#define VAR(name, value) int (*name)(int) = value
#define SVAR(name, value) static int (*name)(int) = (value)
static struct IA2_fnptr__ZTSPFiiE gvar = {IA2_FN_ADDR(times)};
struct IA2_fnptr__ZTSPFiiE gvar2 = {IA2_FN_ADDR(neg)};
#define LOCAL_FN(name, body)                                                                                 \
    static int name(int x) { return body; }
IA2_STATIC_FN(local_a, _ZTSPFiiE, main_c) LOCAL_FN(local_a, x + k) IA2_REGISTER_LOCAL(local_a, 0x5104f8423e8cee29)
#define ENTRY(n) { #n, n }
#define MAKE_TABLE(t, ...)                                                                                   \
    static const struct {                                                                                    \
        const char *name;                                                                                    \
        fn f;                                                                                                \
    } t[] = { __VA_ARGS__ }
static const struct { const char *name; fn f; } tab[] = { { "times", {IA2_FN_ADDR(times)} }, { "neg", {IA2_FN_ADDR(neg)} }, { "local_a", {IA2_FN_ADDR(local_a)} } };
#define ON(obj, ev) ((obj)->ev)
#define FIRE(obj, ev, ...) (ON(obj, ev) ? ON(obj, ev)(__VA_ARGS__) : 0)
#define TERNARY(c, a, b) ((c) ? (a) : (b))
#define IS_SET(p) (!!IA2_ADDR((p)))
#define IS_NULL(p) ((p) == NULL)
#define SWAP(a, b)                                                                                           \
    do {                                                                                                     \
        __typeof__(a) t_ = (a);                                                                              \
        (a) = (b);                                                                                           \
        (b) = t_;                                                                                            \
    } while (0)
#define MAXF(a, b)                                                                                           \
    ({                                                                                                       \
        __typeof__(a) a_ = (a);                                                                              \
        __typeof__(b) b_ = (b);                                                                              \
        IA2_CALL(a_, _ZTSPFiiE)(1) > IA2_CALL(b_, _ZTSPFiiE)(1) ? a_ : b_;                                                                             \
    })
#define DO(f) f
#define INVOKE(f, args) f args
#define COUNT(x) (sizeof(x) / sizeof((x)[0]))
#define foreach_fn(f, arr) for (fn *it_ = (arr), f; it_ < (arr) + COUNT(arr) && ((f) = *it_, 1); it_++)
#define NEW_HOOK(cfg) (cfg).hook = DEFAULT_HOOK
#define DEFAULT_HOOK times
#define ITSELF(x) (x)
#define BOTH_NAMES DEFAULT_HOOK ?: DEFAULT_HOOK
IA2_STATIC_FN(each_typed, _ZTSPFiP5typediE, main_c) static int each_typed(struct typed *t, int n) { return IA2_CALL(t->i, _ZTSPFiiE)(n); } IA2_REGISTER_LOCAL(each_typed, 0xf1c33eac58d4b088)
#define TEST_OP(a, op, b)                                                                          \
    do {                                                                                           \
        const void *left_ = (const void *)IA2_ADDR((a)), *right_ = (const void *)IA2_ADDR((b));                        \
        printf("  test\t %s:  %s\n", #a " " #op " " #b, left_ op right_ ? "  yes" : "no");          \
    } while (0)
/* What is given in parentheses, passed on, tested, shown or called besides. */
#define SET(obj, ev, f) ((obj)->ev = (f))
#define SET_I(obj, f) SET(obj, i, f)
#define SET_NEG(obj) SET_I(obj, IA2_FN(neg))
#define SET_IF(obj, f)                                                                             \
    do {                                                                                           \
        if (IA2_ADDR((f)) != NULL)                                                                           \
            (obj)->i = (f);                                                                        \
    } while (0)
#define SET_CALLED(obj, f) ((obj)->i = f, f(1))
#define SET_SHOWN(obj, f) ((obj)->i = (f), #f)
#define IS_EVENT(obj, f) (IA2_IDENTITY((obj)->i) == IA2_IDENTITY((f)))
#define STATIC_FN(name, f) static fn name = (f)
static fn kept = {IA2_FN_ADDR(times)};
#define likely(x) __builtin_expect(!!(x), 1)
/* A macro that uses the function it is named after. */
static char said[64] IA2_SHARED_DATA;
static int counted(const char *text, int n) { return printf("said %s %d\n", text, n); }
#define lib_say(to, n, ...) counted(to, lib_say(to, n, __VA_ARGS__))
/* One use that makes several functions: what is a function pointer in one is a number in the next. */
#define HANDLERS(X) X(open, int) X(close, fn)
#define DEFINE_HANDLER(name, type)                                                                  \
    static int handler_##name(type v) { return v ? 1 : k; }
static int handler_open(int v) { return v ? 1 : k; } static int handler_close(fn v) { return IA2_ADDR(v) ? 1 : k; }
/* Arguments in a macro's text, of which another macro makes names and strings. */
#define ENROL(f)                                                                                   \
    static fn enrolled_##f = f;                                                                    \
    static const char *const name_of_##f = #f;
#define ENROL_ALL ENROL(times) ENROL(neg)
static fn enrolled_times = {IA2_FN_ADDR(times)}; static const char *const name_of_times = "times"; static fn enrolled_neg = {IA2_FN_ADDR(neg)}; static const char *const name_of_neg = "neg";
#define CHECK(e) printf("%s: %d\n", #e, (e) ? 1 : 0)
#define CHECK_FN(f) CHECK((f) != NULL)
/* Pragmas in what is written out. */
#define QUIET(f, x)                                                                                \
    do {                                                                                           \
        _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wshadow\"") fn f_ = (f);  \
        printf("quiet %s %d\n", #f, IA2_ADDR(f_) ? IA2_CALL(f_, _ZTSPFiiE)(x) : -1);                                              \
        _Pragma("GCC diagnostic pop")                                                              \
    } while (0)
IA2_STATIC_FN(halved, _ZTSPFddE, main_c) static REAL halved(REAL x) { return x / 2; } IA2_REGISTER_LOCAL(halved, 0xa969236eebf1992a)
IA2_STATIC_FN(base, _ZTSPFdvE, main_c) static REAL base(void) { return k; } IA2_REGISTER_LOCAL(base, 0xb10197d3510dcabc)
IA2_STATIC_FN(size, _ZTSPFmvE, main_c) static size_t size(void) { return sizeof(REAL); } IA2_REGISTER_LOCAL(size, 0x561778f2d5b7684d)
int main(void)
{
    printf("conf %d\n", lib_conf_check());
    struct reals *reals = shared_calloc(1, sizeof *reals);
    struct IA2_fnptr__ZTSPFddE halve = {IA2_FN_ADDR(halved)};
    reals->base = IA2_FN(base);
    reals->size = IA2_FN(size);
    printf("reals %.2f %.2f\n", lib_reals(reals, halve), lib_reals(reals, IA2_FN(halved)));
    printf("handlers %d %d %d\n", handler_open(0), handler_close(IA2_FN(times)), handler_close(IA2_OPAQUE(_ZTSPFiiE, NULL)));
    printf("enrolled %s %d %s %d\n", name_of_times, IA2_CALL(enrolled_times, _ZTSPFiiE)(2), name_of_neg, IA2_CALL(enrolled_neg, _ZTSPFiiE)(2));
    printf("%s: %d\n", "(enrolled_neg) != NULL", ((IA2_ADDR(enrolled_neg)) != NULL) ? 1 : 0);
    do { _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wshadow\"") fn f_ = {IA2_FN_ADDR(times)}; printf("quiet %s %d\n", "times", IA2_ADDR(f_) ? IA2_CALL(f_, _ZTSPFiiE)(4) : -1); _Pragma("GCC diagnostic pop") } while (0);
    do { _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wshadow\"") fn f_ = {(NULL)}; printf("quiet %s %d\n", "NULL", IA2_ADDR(f_) ? IA2_CALL(f_, _ZTSPFiiE)(4) : -1); _Pragma("GCC diagnostic pop") } while (0);
    QUIET(lib_ret(1), 4);
    CONFIG.m.xMalloc = IA2_FN(xm);
    CONFIG.m.xFree = IA2_FN(xf);
    lib_config()->m.xSize = IA2_FN(xs);
    ((*lib_config())).hook = IA2_FN(times);
    printf("conf %d %d\n", IA2_IDENTITY(CONFIG.m.xMalloc) == IA2_FN_IDENTITY(xm), IA2_IDENTITY(CONFIG.hook) == IA2_FN_IDENTITY(times));
    void *p = IA2_CALL(CONFIG.m.xMalloc, _ZTSPFPvmE)(4);
    printf("size %d\n", IA2_CALL(CONFIG.m.xSize, _ZTSPFiPvE)(p));
    IA2_CALL(CONFIG.m.xFree, _ZTSPFvPvE)(p);
    if (IA2_ADDR(CONFIG.hook) && likely(IA2_ADDR(CONFIG.hook)))
        printf("hook %d\n", IA2_CALL(CONFIG.hook, _ZTSPFiiE)(2));
    printf("step %d %d %d %d\n", lib_step("row_number", 3), lib_step("rank", 3), lib_step("lead", 3),
           lib_step("none", 3));
    struct func *fs = shared_calloc(2, sizeof *fs);
    fs[0].step = IA2_FN(my_step);
    lib_add(fs, 2);
    printf("added %d %d\n", fs[0].narg, fs[1].narg);
    printf("m %d\n", lib_init(1));
    struct methods *ms = shared_calloc(1, sizeof *ms);
    *ms = (struct methods){ {IA2_FN_ADDR(init)}, {IA2_FN_ADDR(run)}, {IA2_FN_ADDR(stop)} };
    lib_set_methods(ms);
    printf("m %d %d\n", lib_init(1), lib_run(2, 3));
    lib_stop();
    struct typed *t = shared_calloc(1, sizeof *t);
    t->i = IA2_FN(neg);
    t->d = IA2_FN(half);
    printf("each typed %d\n", lib_each(t, IA2_FN(each_typed), 4));
    printf("typed %.2f\n", lib_typed(t, 3));
    SET(t, i, IA2_FN(times));
    printf("set %.2f %d", lib_typed(t, 2), IS_EVENT(t, IA2_FN(times)));
    SET_I(t, IA2_FN(neg));
    printf(" %.2f %d%d", lib_typed(t, 2), IS_EVENT(t, IA2_FN(times)), IS_EVENT(t, IA2_FN(neg)));
    SET_I(t, kept);
    printf(" %.2f %d%d", lib_typed(t, 2), IS_EVENT(t, kept), IS_EVENT(t, IA2_FN(times)));
    SET_NEG(t);
    printf(" %.2f", lib_typed(t, 2));
    SET_IF(t, IA2_FN(times));
    SET_IF(t, IA2_FN(times));
    printf(" %.2f %d", lib_typed(t, 2), ((t)->i = IA2_FN(neg), neg(1)));
    printf(" %.2f %s", lib_typed(t, 2), ((t)->i = IA2_FN(times), "times"));
    printf(" %.2f\n", lib_typed(t, 2));
    {
        int UNIQUE(local_) = 1;
        IA2_ADVANCE(__COUNTER__ __COUNTER__) do { fn old_4 = (t)->i; (t)->i = IA2_FN(neg); lib_numbers += IA2_ADDR(old_4) ? IA2_CALL(old_4, _ZTSPFiiE)(1) + neg(2) : 5; (t)->i = old_4; } while (0);
        int UNIQUE(local_) = lib_numbers;
        IA2_ADVANCE(__COUNTER__ __COUNTER__) do { fn old_7 = (t)->i; (t)->i = IA2_FN(times); lib_numbers += IA2_ADDR(old_7) ? IA2_CALL(old_7, _ZTSPFiiE)(1) + times(2) : 8; (t)->i = old_7; } while (0);
        printf("unique %d %d %d", __COUNTER__, JOIN(local_, 3) + JOIN(local_, 6), lib_numbers);
        printf(" %d %d %d\n", in_header(t), lib_in_header(t), __COUNTER__);
    }
    printf("ret %d %d %d\n", IA2_CALL(lib_ret(1), _ZTSPFiiE)(1), IA2_ADDR(lib_ret(0)) == NULL, IA2_CALL(lib_get2(), _ZTSPFiiE)(4));
    fn *gp = shared_malloc(sizeof *gp);
    *gp = IA2_FN(neg);
    printf("take %d\n", lib_take(IA2_FN(times), gp));
    struct arr *ar = shared_calloc(1, sizeof *ar);
    ar->a[0] = IA2_FN(times);
    ar->a[1] = IA2_FN(neg);
    printf("arr %d conv %d\n", lib_arr(ar), lib_conv(IA2_FN(times)));
    struct IA2_fnptr__ZTSPFiiE lv = {IA2_FN_ADDR(neg)};
    struct IA2_fnptr__ZTSPFiiE lw = gvar;
    static struct IA2_fnptr__ZTSPFiiE ls = {IA2_FN_ADDR(times)};
    printf("var %d %d %d %d %d\n", IA2_CALL(lv, _ZTSPFiiE)(1), IA2_CALL(lw, _ZTSPFiiE)(1), IA2_CALL(ls, _ZTSPFiiE)(1), IA2_CALL(gvar, _ZTSPFiiE)(2), IA2_CALL(gvar2, _ZTSPFiiE)(2));
    for (unsigned i = 0; i < COUNT(tab); i++)
        printf("tab %s %d\n", tab[i].name, IA2_CALL(tab[i].f, _ZTSPFiiE)(1));
    printf("fire %d %d\n", ((IA2_ADDR((t)->i)) ? IA2_CALL(((t)->i), _ZTSPFiiE)(4) : 0), ((IA2_ADDR((&(*lib_config()))->hook)) ? IA2_CALL(((&(*lib_config()))->hook), _ZTSPFiiE)(5) : 0));
    printf("tern %d %d\n", IA2_CALL(TERNARY(k, lv, IA2_FN(times)), _ZTSPFiiE)(2), ((0) ? (IA2_ADDR(lv)) : IA2_FN_ADDR(times)) == IA2_FN_ADDR(times));
    printf("set %d %d %d\n", IS_SET(lv), ((IA2_ADDR(lv)) == NULL), IS_NULL(IA2_ADDR(CONFIG.hook)));
    SWAP(lv, lw);
    printf("swap %d %d\n", IA2_CALL(lv, _ZTSPFiiE)(1), IA2_CALL(lw, _ZTSPFiiE)(1));
    /* Written out where the arguments need different edits: with all the white space of its text. */
    do { const void *left_ = (const void *)(IA2_ADDR(lv)), *right_ = (const void *)IA2_FN_ADDR(neg); printf("  test\t %s:  %s\n", "lv" " " "==" " " "neg", left_ == right_ ? "  yes" : "no"); } while (0);
    do { const void *left_ = (const void *)IA2_FN_ADDR(times), *right_ = (const void *)(IA2_ADDR(lv)); printf("  test\t %s:  %s\n", "times" " " "!=" " " "lv", left_ != right_ ? "  yes" : "no"); } while (0);
    TEST_OP(lw, ==, lv);
    printf("max %d %d\n", IA2_CALL(MAXF(lv, lw), _ZTSPFiiE)(5), IA2_CALL(MAXF(gvar, gvar2), _ZTSPFiiE)(5));
    printf("do %d %d\n", IA2_CALL(lv, _ZTSPFiiE)(2), DO(times)(2));
    printf("inv %d %d\n", INVOKE(IA2_CALL(lv, _ZTSPFiiE), (3)), INVOKE(neg, (3)));
    lv = ITSELF((IA2_OPAQUE(_ZTSPFiiE, IA2_FN_ADDR(times) ?: IA2_FN_ADDR(times))));
    lw = ITSELF(IA2_OPAQUE(_ZTSPFiiE, IA2_FN_ADDR(times) ?: IA2_FN_ADDR(times)));
    printf("twice %d %d %d\n", IA2_IDENTITY(lv) == IA2_IDENTITY(lw), IA2_CALL(lv, _ZTSPFiiE)(3), ITSELF(IA2_FN_IDENTITY(times) == IA2_FN_IDENTITY(times)));
    fn list[] = { {IA2_FN_ADDR(times)}, {IA2_FN_ADDR(neg)} };
    foreach_fn(f, list) printf("each %d\n", IA2_CALL(f, _ZTSPFiiE)(2));
#ifdef HOOK
    fn h = {IA2_FN_ADDR(neg)};
    printf("-D %d %d\n", IA2_CALL(h, _ZTSPFiiE)(1), HOOK(2));
#endif
    counted(said, IA2_VARIADIC(lib_say, ii) IA2_NOT_A_MACRO(said, sizeof said, "%d and %d", 1, 2))
;
    counted(said, IA2_VARIADIC(lib_say, ld) IA2_NOT_A_MACRO(said, sizeof said, "%s %g", "x", counted(said, IA2_VARIADIC(lib_say, i) IA2_NOT_A_MACRO(said, sizeof said, "%c", 'y')) + 0.5));
    return 0;
}
IA2_NEED(lib_add)
IA2_NEED(lib_arr)
IA2_NEED(lib_conf_check)
IA2_NEED(lib_config)
IA2_NEED(lib_conv)
IA2_NEED(lib_each)
IA2_NEED(lib_get2)
IA2_NEED(lib_in_header)
IA2_NEED(lib_init)
IA2_NEED(lib_reals)
IA2_NEED(lib_ret)
IA2_NEED(lib_run)
IA2_NEED(lib_say)
IA2_NEED(lib_set_methods)
IA2_NEED(lib_step)
IA2_NEED(lib_stop)
IA2_NEED(lib_take)
IA2_NEED(lib_typed)

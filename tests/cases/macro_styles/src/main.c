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
static int times(int x) { return k * x; }
static int neg(int x) { return -x; }
static double half(double x) { return x / 2 * k; }
static int init(int a) { return a + k; }
static int run(int a, int b) { return a * b + k; }
static void stop(void) { k++; }
static void *xm(size_t n)
{
    k++;
    return shared_malloc(n);
}
static void xf(void *p)
{
    k--;
    shared_free(p);
}
static int xs(void *p) { return p != NULL; }
static int my_step(void *c, int n, int *a)
{
    (void)c;
    (void)a;
    return n + k;
}
#define VAR(name, value) int (*name)(int) = value
#define SVAR(name, value) static int (*name)(int) = (value)
SVAR(gvar, times);
VAR(gvar2, neg);
#define LOCAL_FN(name, body)                                                                                 \
    static int name(int x) { return body; }
LOCAL_FN(local_a, x + k)
#define ENTRY(n) { #n, n }
#define MAKE_TABLE(t, ...)                                                                                   \
    static const struct {                                                                                    \
        const char *name;                                                                                    \
        fn f;                                                                                                \
    } t[] = { __VA_ARGS__ }
MAKE_TABLE(tab, ENTRY(times), ENTRY(neg), ENTRY(local_a));
#define ON(obj, ev) ((obj)->ev)
#define FIRE(obj, ev, ...) (ON(obj, ev) ? ON(obj, ev)(__VA_ARGS__) : 0)
#define TERNARY(c, a, b) ((c) ? (a) : (b))
#define IS_SET(p) (!!(p))
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
        a_(1) > b_(1) ? a_ : b_;                                                                             \
    })
#define DO(f) f
#define INVOKE(f, args) f args
#define COUNT(x) (sizeof(x) / sizeof((x)[0]))
#define foreach_fn(f, arr) for (fn *it_ = (arr), f; it_ < (arr) + COUNT(arr) && ((f) = *it_, 1); it_++)
#define NEW_HOOK(cfg) (cfg).hook = DEFAULT_HOOK
#define DEFAULT_HOOK times
#define ITSELF(x) (x)
#define BOTH_NAMES DEFAULT_HOOK ?: DEFAULT_HOOK
static int each_typed(struct typed *t, int n) { return t->i(n); }
#define TEST_OP(a, op, b)                                                                          \
    do {                                                                                           \
        const void *left_ = (const void *)(a), *right_ = (const void *)(b);                        \
        printf("  test\t %s:  %s\n", #a " " #op " " #b, left_ op right_ ? "  yes" : "no");          \
    } while (0)
/* What is given in parentheses, passed on, tested, shown or called besides. */
#define SET(obj, ev, f) ((obj)->ev = (f))
#define SET_I(obj, f) SET(obj, i, f)
#define SET_NEG(obj) SET_I(obj, neg)
#define SET_IF(obj, f)                                                                             \
    do {                                                                                           \
        if ((f) != NULL)                                                                           \
            (obj)->i = (f);                                                                        \
    } while (0)
#define SET_CALLED(obj, f) ((obj)->i = f, f(1))
#define SET_SHOWN(obj, f) ((obj)->i = (f), #f)
#define IS_EVENT(obj, f) ((obj)->i == (f))
#define STATIC_FN(name, f) static fn name = (f)
STATIC_FN(kept, times);
#define likely(x) __builtin_expect(!!(x), 1)
/* A macro that uses the function it is named after. */
static char said[64] IA2_SHARED_DATA;
static int counted(const char *text, int n) { return printf("said %s %d\n", text, n); }
#define lib_say(to, n, ...) counted(to, lib_say(to, n, __VA_ARGS__))
/* One use that makes several functions: what is a function pointer in one is a number in the next. */
#define HANDLERS(X) X(open, int) X(close, fn)
#define DEFINE_HANDLER(name, type)                                                                  \
    static int handler_##name(type v) { return v ? 1 : k; }
HANDLERS(DEFINE_HANDLER)
/* Arguments in a macro's text, of which another macro makes names and strings. */
#define ENROL(f)                                                                                   \
    static fn enrolled_##f = f;                                                                    \
    static const char *const name_of_##f = #f;
#define ENROL_ALL ENROL(times) ENROL(neg)
ENROL_ALL
#define CHECK(e) printf("%s: %d\n", #e, (e) ? 1 : 0)
#define CHECK_FN(f) CHECK((f) != NULL)
/* Pragmas in what is written out. */
#define QUIET(f, x)                                                                                \
    do {                                                                                           \
        _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wshadow\"") fn f_ = (f);  \
        printf("quiet %s %d\n", #f, f_ ? f_(x) : -1);                                              \
        _Pragma("GCC diagnostic pop")                                                              \
    } while (0)
static REAL halved(REAL x) { return x / 2; }
static REAL base(void) { return k; }
static size_t size(void) { return sizeof(REAL); }
int main(void)
{
    printf("conf %d\n", lib_conf_check());
    struct reals *reals = shared_calloc(1, sizeof *reals);
    REAL (*halve)(REAL) = halved;
    reals->base = base;
    reals->size = size;
    printf("reals %.2f %.2f\n", lib_reals(reals, halve), lib_reals(reals, halved));
    printf("handlers %d %d %d\n", handler_open(0), handler_close(times), handler_close(NULL));
    printf("enrolled %s %d %s %d\n", name_of_times, enrolled_times(2), name_of_neg, enrolled_neg(2));
    CHECK_FN(enrolled_neg);
    QUIET(times, 4);
    QUIET(NULL, 4);
    QUIET(lib_ret(1), 4);
    CONFIG.m.xMalloc = xm;
    CONFIG.m.xFree = xf;
    lib_config()->m.xSize = xs;
    NEW_HOOK(CONFIG);
    printf("conf %d %d\n", CONFIG.m.xMalloc == xm, CONFIG.hook == DEFAULT_HOOK);
    void *p = CONFIG.m.xMalloc(4);
    printf("size %d\n", CONFIG.m.xSize(p));
    CONFIG.m.xFree(p);
    if (CONFIG.hook && likely(CONFIG.hook))
        printf("hook %d\n", CONFIG.hook(2));
    printf("step %d %d %d %d\n", lib_step("row_number", 3), lib_step("rank", 3), lib_step("lead", 3),
           lib_step("none", 3));
    struct func *fs = shared_calloc(2, sizeof *fs);
    fs[0].step = my_step;
    lib_add(fs, 2);
    printf("added %d %d\n", fs[0].narg, fs[1].narg);
    printf("m %d\n", lib_init(1));
    struct methods *ms = shared_calloc(1, sizeof *ms);
    *ms = (struct methods){ init, run, stop };
    lib_set_methods(ms);
    printf("m %d %d\n", lib_init(1), lib_run(2, 3));
    lib_stop();
    struct typed *t = shared_calloc(1, sizeof *t);
    t->i = neg;
    t->d = half;
    printf("each typed %d\n", lib_each(t, each_typed, 4));
    printf("typed %.2f\n", lib_typed(t, 3));
    SET(t, i, times);
    printf("set %.2f %d", lib_typed(t, 2), IS_EVENT(t, times));
    SET_I(t, neg);
    printf(" %.2f %d%d", lib_typed(t, 2), IS_EVENT(t, times), IS_EVENT(t, neg));
    SET_I(t, kept);
    printf(" %.2f %d%d", lib_typed(t, 2), IS_EVENT(t, kept), IS_EVENT(t, times));
    SET_NEG(t);
    printf(" %.2f", lib_typed(t, 2));
    SET_IF(t, times);
    SET_IF(t, &times);
    printf(" %.2f %d", lib_typed(t, 2), SET_CALLED(t, neg));
    printf(" %.2f %s", lib_typed(t, 2), SET_SHOWN(t, times));
    printf(" %.2f\n", lib_typed(t, 2));
    {
        int UNIQUE(local_) = 1;
        WITH(t, neg);
        int UNIQUE(local_) = lib_numbers;
        WITH(t, times);
        printf("unique %d %d %d", __COUNTER__, JOIN(local_, 3) + JOIN(local_, 6), lib_numbers);
        printf(" %d %d %d\n", in_header(t), lib_in_header(t), __COUNTER__);
    }
    printf("ret %d %d %d\n", lib_ret(1)(1), lib_ret(0) == NULL, lib_get2()(4));
    fn *gp = shared_malloc(sizeof *gp);
    *gp = neg;
    printf("take %d\n", lib_take(times, gp));
    struct arr *ar = shared_calloc(1, sizeof *ar);
    ar->a[0] = times;
    ar->a[1] = neg;
    printf("arr %d conv %d\n", lib_arr(ar), lib_conv(times));
    VAR(lv, neg);
    VAR(lw, gvar);
    SVAR(ls, times);
    printf("var %d %d %d %d %d\n", lv(1), lw(1), ls(1), gvar(2), gvar2(2));
    for (unsigned i = 0; i < COUNT(tab); i++)
        printf("tab %s %d\n", tab[i].name, tab[i].f(1));
    printf("fire %d %d\n", FIRE(t, i, 4), FIRE(&CONFIG, hook, 5));
    printf("tern %d %d\n", TERNARY(k, lv, times)(2), TERNARY(0, lv, times) == times);
    printf("set %d %d %d\n", IS_SET(lv), IS_NULL(lv), IS_NULL(CONFIG.hook));
    SWAP(lv, lw);
    printf("swap %d %d\n", lv(1), lw(1));
    /* Written out where the arguments need different edits: with all the white space of its text. */
    TEST_OP(lv, ==, neg);
    TEST_OP(times, !=, lv);
    TEST_OP(lw, ==, lv);
    printf("max %d %d\n", MAXF(lv, lw)(5), MAXF(gvar, gvar2)(5));
    printf("do %d %d\n", DO(lv)(2), DO(times)(2));
    printf("inv %d %d\n", INVOKE(lv, (3)), INVOKE(neg, (3)));
    lv = ITSELF((DEFAULT_HOOK ?: DEFAULT_HOOK));
    lw = ITSELF(BOTH_NAMES);
    printf("twice %d %d %d\n", lv == lw, lv(3), ITSELF(DEFAULT_HOOK == DEFAULT_HOOK));
    fn list[] = { times, neg };
    foreach_fn(f, list) printf("each %d\n", f(2));
#ifdef HOOK
    fn h = HOOK;
    printf("-D %d %d\n", h(1), HOOK(2));
#endif
    lib_say(said, sizeof said, "%d and %d", 1,
            2);
    lib_say(said, sizeof said, "%s %g", "x", lib_say(said, sizeof said, "%c", 'y') + 0.5);
    return 0;
}

#define IA2_TEXT_1
#line 1
#include <ia2.h>
#include <ia2_allocator.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
/* So that numbers in the header differ. */
enum { BEFORE = __COUNTER__ };
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
#define GLOBAL_CONFIG lib_global_config
#define GlobalConfig GLOBAL_CONFIG
static struct config GLOBAL_CONFIG;
struct config *lib_config(void)
{
    static struct config *c;
    if (!c) {
        c = shared_calloc(1, sizeof *c);
        *c = GlobalConfig;
    }
    return c;
} IA2_REGISTER(lib_config, 0x3b9ff041cbfba5be)
int lib_conf_check(void)
{
    if (IA2_ADDR(GlobalConfig.m.xMalloc) == 0) {
        return 1;
    }
    if (IA2_ADDR(GlobalConfig.hook))
        return IA2_CALL(GlobalConfig.hook, _ZTSPFiiE)(1);
    return IA2_ADDR(GlobalConfig.m.xSize) != 0 && !IA2_ADDR(GlobalConfig.m.xFree);
} IA2_REGISTER(lib_conf_check, 0xfde25779a90ec339)
static void noopStepFunc(void *p, int n, int *a)
{
    (void)p;
    (void)n;
    (void)a;
}
#define WINDOWFUNCX(name, nArg, extra) { nArg, #name, name##Step, name##Final, (void *)&extra_##extra }
#define WINDOWFUNCNOOP(name, nArg) { nArg, #name, {IA2_FN_ADDR(noop)}, {0}, 0 }
#define FUNCTION(zName, nArg, iArg, xFunc) { nArg, #zName, xFunc, {0}, (void *)(long)iArg }
static int extra_0, extra_1;
IA2_STATIC_FN(row_numberStep, _ZTSPFiPviPiE, parts_c) static int row_numberStep(void *c, int n, int *a)
{
    extra_0++;
    return n + (c != NULL) + (a != NULL);
} IA2_REGISTER_LOCAL(row_numberStep, 0x8bc2a346e55a2373)
IA2_STATIC_FN(row_numberFinal, _ZTSPFvvE, parts_c) static void row_numberFinal(void) { extra_1++; } IA2_REGISTER_LOCAL(row_numberFinal, 0x93a666cf0a5a5dd4)
IA2_STATIC_FN(rankStep, _ZTSPFiPviPiE, parts_c) static int rankStep(void *c, int n, int *a) { return n * 2 + (c == NULL) + (a == NULL); } IA2_REGISTER_LOCAL(rankStep, 0x5fb1850d03995d0a)
IA2_STATIC_FN(rankFinal, _ZTSPFvvE, parts_c) static void rankFinal(void) { extra_0++; } IA2_REGISTER_LOCAL(rankFinal, 0x91efe63c157160e)
IA2_STATIC_FN(noop, _ZTSPFiPviPiE, parts_c) static int noop(void *c, int n, int *a)
{
    (void)c;
    (void)a;
    return -n;
} IA2_REGISTER_LOCAL(noop, 0x144b5d32c4cbd50c)
static struct func aFunc[] = {
    { 0, "row_number", {IA2_FN_ADDR(row_numberStep)}, {IA2_FN_ADDR(row_numberFinal)}, (void *)&extra_0 },
    { 1, "rank", {IA2_FN_ADDR(rankStep)}, {IA2_FN_ADDR(rankFinal)}, (void *)&extra_1 },
    WINDOWFUNCNOOP(lead, 2),
    FUNCTION(abs, 1, 0, {IA2_FN_ADDR(noop)}),
};
struct func *lib_find(const char *name)
{
    for (size_t i = 0; i < sizeof aFunc / sizeof *aFunc; i++)
        if (!strcmp(aFunc[i].name, name))
            return &aFunc[i];
    return NULL;
}
int lib_step(const char *name, int n)
{
    struct func *f = lib_find(name);
    if (!f || !IA2_ADDR(f->step))
        return -99;
    int r = IA2_CALL(f->step, _ZTSPFiPviPiE)(f->user, n, &n);
    if (IA2_ADDR(f->final))
        IA2_CALL(f->final, _ZTSPFvvE)();
    return r;
} IA2_REGISTER(lib_step, 0x83c69b0463871445)
static struct func *added;
static int n_added;
void lib_add(struct func *f, int n)
{
    added = f;
    n_added = n;
    for (int i = 0; i < n; i++)
        added[i].narg = IA2_ADDR(added[i].step) ? IA2_CALL(added[i].step, _ZTSPFiPviPiE)(0, i, 0) : 0;
} IA2_REGISTER(lib_add, 0x498faac9501328ab)
static struct methods methods;
void lib_set_methods(const struct methods *m) { methods = *m; } IA2_REGISTER(lib_set_methods, 0xe7aa635ef8efc88)
#define M(name, result, params, args)                                                                        \
    result lib_##name params                                                                                 \
    {                                                                                                        \
        if (!methods.name)                                                                                   \
            return (result)0;                                                                                \
        return methods.name args;                                                                            \
    }
#undef M
#define M_int(name, params, args)                                                                            \
    int lib_##name params                                                                                    \
    {                                                                                                        \
        if (!methods.name)                                                                                   \
            return -1;                                                                                       \
        return methods.name args;                                                                            \
    }
#define M_void(name, params, args)                                                                           \
    void lib_##name params                                                                                   \
    {                                                                                                        \
        if (methods.name)                                                                                    \
            methods.name args;                                                                               \
    }
#define M(name, result, params, args) M_##result(name, params, args)
int lib_init (int a) { if (!IA2_ADDR(methods.init)) return -1; return IA2_CALL(methods.init, _ZTSPFiiE) (a); } IA2_REGISTER(lib_init, 0x51d335868c4e33c2) int lib_run (int a, int b) { if (!IA2_ADDR(methods.run)) return -1; return IA2_CALL(methods.run, _ZTSPFiiiE) (a, b); } IA2_REGISTER(lib_run, 0x9381db8c7c8230c2) void lib_stop (void) { if (IA2_ADDR(methods.stop)) IA2_CALL(methods.stop, _ZTSPFvvE) (); } IA2_REGISTER(lib_stop, 0xc85aeb313a9bc290)
double lib_typed(struct typed *t, int i)
{
    double r = 0;
    if (IA2_ADDR(t->i))
        r += IA2_CALL(t->i, _ZTSPFiiE)(i);
    if (IA2_ADDR(t->d) != NULL)
        r += (IA2_CALL(t->d, _ZTSPFddE))(i + .5);
    return r;
} IA2_REGISTER(lib_typed, 0x798ab255e52e241c)
IA2_STATIC_FN(r1, _ZTSPFiiE, parts_c) static int r1(int x) { return x + 1; } IA2_REGISTER_LOCAL(r1, 0x4adb58cb17371b96)
struct IA2_fnptr__ZTSPFiiE lib_ret(int w) { return w ? IA2_FN(r1) : IA2_OPAQUE(_ZTSPFiiE, NULL); } IA2_REGISTER(lib_ret, 0x5ffface416e32ad7)
struct IA2_fnptr__ZTSPFiiE lib_get2(void) { return lib_ret(1); } IA2_REGISTER(lib_get2, 0x7ccfc47a9f9875f)
int lib_each(struct typed *t, struct IA2_fnptr__ZTSPFiP5typediE f, int n) { return IA2_CALL(f, _ZTSPFiP5typediE)(t, n) + IA2_CALL(f, _ZTSPFiP5typediE)(t, n + 1); } IA2_REGISTER(lib_each, 0xd0d680266eb1e4f0)
int lib_take(struct IA2_fnptr__ZTSPFiiE f, struct IA2_fnptr__ZTSPFiiE (*g)) { return IA2_CALL(f, _ZTSPFiiE)(1) + (IA2_CALL(*g, _ZTSPFiiE))(2); } IA2_REGISTER(lib_take, 0x7a0c748b4a671f7e)
int lib_arr(struct arr *a)
{
    int s = 0;
    for (int i = 0; i < 2; i++)
        s += IA2_CALL(a->a[i], _ZTSPFiiE)(i);
    return s;
} IA2_REGISTER(lib_arr, 0x31516067663b0fa3)
int lib_conv(conv_fn f) { return IA2_CALL(f, _ZTSPFiiE)(3); } IA2_REGISTER(lib_conv, 0x2c53f287e08fd32d)
int lib_say(char *to, int n, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int length = vsnprintf(to, n, format, list);
    va_end(list);
    return length;
} IA2_REGISTER(lib_say, 0x481b89ad14300019)
int UNIQUE(lib_unused_), lib_numbers IA2_SHARED_DATA;
int lib_in_header(struct typed *t) { return in_header(t) + lib_numbers; } IA2_REGISTER(lib_in_header, 0x963139888dbd263b)
EXPORTED REAL lib_reals(struct reals *r, struct IA2_fnptr__ZTSPFddE f)
{
    REAL base = IA2_CALL(r->base, _ZTSPFdvE)();
    return IA2_CALL(f, _ZTSPFddE)(base) + (IA2_ADDR(r->scale) ? 1 : 0) + (REAL)IA2_CALL(r->size, _ZTSPFmvE)();
} IA2_REGISTER(lib_reals, 0xea44d3f0e43e966b)

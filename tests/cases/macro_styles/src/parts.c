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
}
int lib_conf_check(void)
{
    if (GlobalConfig.m.xMalloc == 0) {
        return 1;
    }
    if (GlobalConfig.hook)
        return GlobalConfig.hook(1);
    return GlobalConfig.m.xSize != 0 && !GlobalConfig.m.xFree;
}
static void noopStepFunc(void *p, int n, int *a)
{
    (void)p;
    (void)n;
    (void)a;
}
#define WINDOWFUNCX(name, nArg, extra) { nArg, #name, name##Step, name##Final, (void *)&extra_##extra }
#define WINDOWFUNCNOOP(name, nArg) { nArg, #name, noop, 0, 0 }
#define FUNCTION(zName, nArg, iArg, xFunc) { nArg, #zName, xFunc, 0, (void *)(long)iArg }
static int extra_0, extra_1;
static int row_numberStep(void *c, int n, int *a)
{
    extra_0++;
    return n + (c != NULL) + (a != NULL);
}
static void row_numberFinal(void) { extra_1++; }
static int rankStep(void *c, int n, int *a) { return n * 2 + (c == NULL) + (a == NULL); }
static void rankFinal(void) { extra_0++; }
static int noop(void *c, int n, int *a)
{
    (void)c;
    (void)a;
    return -n;
}
static struct func aFunc[] = {
    WINDOWFUNCX(row_number, 0, 0),
    WINDOWFUNCX(rank, 1, 1),
    WINDOWFUNCNOOP(lead, 2),
    FUNCTION(abs, 1, 0, noop),
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
    if (!f || !f->step)
        return -99;
    int r = f->step(f->user, n, &n);
    if (f->final)
        f->final();
    return r;
}
static struct func *added;
static int n_added;
void lib_add(struct func *f, int n)
{
    added = f;
    n_added = n;
    for (int i = 0; i < n; i++)
        added[i].narg = added[i].step ? added[i].step(0, i, 0) : 0;
}
static struct methods methods;
void lib_set_methods(const struct methods *m) { methods = *m; }
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
METHODS(M)
double lib_typed(struct typed *t, int i)
{
    double r = 0;
    if (t->i)
        r += t->i(i);
    if (t->d != NULL)
        r += (*t->d)(i + .5);
    return r;
}
static int r1(int x) { return x + 1; }
int (*lib_ret(int w))(int) { return w ? r1 : NULL; }
int (*lib_get2(void))(int) { return lib_ret(1); }
int lib_each(struct typed *t, int (*f)(struct typed *, int), int n) { return f(t, n) + f(t, n + 1); }
int lib_take(DEF_CB(f), DEF_CB((*g))) { return f(1) + (*g)(2); }
int lib_arr(struct arr *a)
{
    int s = 0;
    for (int i = 0; i < 2; i++)
        s += a->a[i](i);
    return s;
}
int lib_conv(conv_fn f) { return f(3); }
int lib_say(char *to, int n, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int length = vsnprintf(to, n, format, list);
    va_end(list);
    return length;
}
int UNIQUE(lib_unused_), lib_numbers IA2_SHARED_DATA;
int lib_in_header(struct typed *t) { return in_header(t) + lib_numbers; }
EXPORTED REAL lib_reals(struct reals *r, REAL (*f)(REAL))
{
    REAL base = r->base();
    return f(base) + (r->scale ? 1 : 0) + (REAL)r->size();
}

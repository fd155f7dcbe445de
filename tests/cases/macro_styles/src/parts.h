#ifndef LIB_H
#define LIB_H
#include <stddef.h>
typedef int (*fn)(int);
typedef void (*vfn)(void);
typedef int (*step_fn)(void *ctx, int n, int *args);
struct mem {
    void *(*xMalloc)(size_t);
    void (*xFree)(void *);
    int (*xSize)(void *);
};
struct config {
    struct mem m;
    fn hook;
    int n;
};
extern struct config *lib_config(void);
#define CONFIG (*lib_config())
struct func {
    int narg;
    const char *name;
    step_fn step;
    vfn final;
    void *user;
};
struct func *lib_find(const char *name);
int lib_step(const char *name, int n);
void lib_add(struct func *f, int n);
#define METHODS(M) M(init, int, (int a), (a)) M(run, int, (int a, int b), (a, b)) M(stop, void, (void), ())
struct methods {
#define M(name, result, params, args) result(*name) params;
    METHODS(M)
#undef M
};
#define M(name, result, params, args) result lib_##name params;
METHODS(M)
#undef M
void lib_set_methods(const struct methods *m);
#define DECL_CB(T, name) typedef T (*name##_cb)(T)
DECL_CB(int, i);
DECL_CB(double, d);
#define FIELD(T, n) T (*n)(T)
struct typed {
    FIELD(int, i);
    FIELD(double, d);
};
double lib_typed(struct typed *t, int i);
#define DEF_CB(x) int (*x)(int)
DEF_CB(lib_ret(int w));
#define CALLBACK_API(name, tag) int name(struct tag *, int (*)(struct tag *, int), int)
CALLBACK_API(lib_each, typed);
int lib_take(DEF_CB(f), DEF_CB((*g)));
#define FUNCPTR(r, n, a) r(*n) a
FUNCPTR(int, lib_get2(void), (int));
#define ARRAY_OF(n, c) int (*n[c])(int)
struct arr {
    ARRAY_OF(a, 2);
};
int lib_arr(struct arr *a);
#define API(r) extern r
#define CALLCONV
typedef int(CALLCONV *conv_fn)(int);
API(int) lib_conv(conv_fn f);
int lib_say(char *to, int n, const char *format, ...);
/* Names made of numbers that no other use gets, the last of them behind uses that are written out. */
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define UNIQUE(name) JOIN(name, __COUNTER__)
#define WITH_(obj, f, old)                                                                                   \
    do {                                                                                                     \
        fn old = (obj)->i;                                                                                   \
        (obj)->i = f;                                                                                        \
        lib_numbers += old ? old(1) + f(2) : __COUNTER__;                                                    \
        (obj)->i = old;                                                                                      \
    } while (0)
#define WITH(obj, f) WITH_(obj, f, UNIQUE(old_))
extern int lib_numbers IA2_SHARED_DATA;
static inline int in_header_neg(int x) { return -x; }
static inline int in_header(struct typed *t)
{
    WITH(t, in_header_neg);
    return __COUNTER__;
}
int lib_in_header(struct typed *t);
/* Types and attributes that the command defines, or the compiler. */
typedef REAL (*real_fn)(REAL);
struct reals {
    REAL (*scale)(const REAL *, int);
    EXPORTED REAL (*base)(void);
    __SIZE_TYPE__ (*size)(void);
};
EXPORTED REAL lib_reals(struct reals *r, real_fn f);
#endif

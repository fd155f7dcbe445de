#ifndef LIB_H
#define LIB_H
#include <stddef.h>
typedef struct IA2_fnptr__ZTSPFiiE fn;
typedef struct IA2_fnptr__ZTSPFvvE vfn;
typedef struct IA2_fnptr__ZTSPFiPviPiE step_fn;
struct mem {
    struct IA2_fnptr__ZTSPFPvmE xMalloc;
    struct IA2_fnptr__ZTSPFvPvE xFree;
    struct IA2_fnptr__ZTSPFiPvE xSize;
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
    struct IA2_fnptr__ZTSPFiiE init; struct IA2_fnptr__ZTSPFiiiE run; struct IA2_fnptr__ZTSPFvvE stop;
#undef M
};
#define M(name, result, params, args) result lib_##name params;
METHODS(M)
#undef M
void lib_set_methods(const struct methods *m);
#define DECL_CB(T, name) typedef T (*name##_cb)(T)
typedef struct IA2_fnptr__ZTSPFiiE i_cb;
typedef struct IA2_fnptr__ZTSPFddE d_cb;
#define FIELD(T, n) T (*n)(T)
struct typed {
    struct IA2_fnptr__ZTSPFiiE i;
    struct IA2_fnptr__ZTSPFddE d;
};
double lib_typed(struct typed *t, int i);
#define DEF_CB(x) int (*x)(int)
struct IA2_fnptr__ZTSPFiiE lib_ret(int w);
#define CALLBACK_API(name, tag) int name(struct tag *, int (*)(struct tag *, int), int)
int lib_each(struct typed *, struct IA2_fnptr__ZTSPFiP5typediE, int);
int lib_take(struct IA2_fnptr__ZTSPFiiE f, struct IA2_fnptr__ZTSPFiiE (*g));
#define FUNCPTR(r, n, a) r(*n) a
struct IA2_fnptr__ZTSPFiiE lib_get2(void);
#define ARRAY_OF(n, c) int (*n[c])(int)
struct arr {
    struct IA2_fnptr__ZTSPFiiE a[2];
};
int lib_arr(struct arr *a);
#define API(r) extern r
#define CALLCONV
typedef struct IA2_fnptr__ZTSPFiiE conv_fn;
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
IA2_STATIC_FN(in_header_neg, _ZTSPFiiE, parts_h) static inline int in_header_neg(int x) { return -x; } IA2_REGISTER_LOCAL(in_header_neg, 0x28e0e9e8330f0930)
static inline int in_header(struct typed *t)
{
#ifdef IA2_TEXT_1
#line 81
    IA2_ADVANCE(__COUNTER__ __COUNTER__) do { fn old_1 = (t)->i; (t)->i = IA2_FN(in_header_neg); lib_numbers += IA2_ADDR(old_1) ? IA2_CALL(old_1, _ZTSPFiiE)(1) + in_header_neg(2) : 2; (t)->i = old_1; } while (0);
#else
#line 81
    IA2_ADVANCE(__COUNTER__ __COUNTER__) do { fn old_0 = (t)->i; (t)->i = IA2_FN(in_header_neg); lib_numbers += IA2_ADDR(old_0) ? IA2_CALL(old_0, _ZTSPFiiE)(1) + in_header_neg(2) : 1; (t)->i = old_0; } while (0);
#endif
#line 82
    return __COUNTER__;
}
int lib_in_header(struct typed *t);
/* Types and attributes that the command defines, or the compiler. */
typedef struct IA2_fnptr__ZTSPFddE real_fn;
struct reals {
    struct IA2_fnptr__ZTSPFdPKdiE scale;
    EXPORTED struct IA2_fnptr__ZTSPFdvE base;
    struct IA2_fnptr__ZTSPFmvE size;
};
EXPORTED REAL lib_reals(struct reals *r, real_fn f);
#endif

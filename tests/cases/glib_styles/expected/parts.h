#ifndef LIB_H
#define LIB_H
#include <stddef.h>
/* GLib-like */
typedef void *gpointer;
typedef struct IA2_fnptr__ZTSPFvvE GCallback;
typedef struct IA2_fnptr__ZTSPFiPKvS0_E GCompareFunc;
typedef struct IA2_fnptr__ZTSPFvPvE GDestroyNotify;
typedef struct IA2_fnptr__ZTSPFvPvS_E GFunc;
#define G_CALLBACK(f) ((GCallback){IA2_FN_ADDR_AS(clicked, _ZTSPFvvE)})
#define G_STRUCT_MEMBER_P(p, off) ((gpointer)((char *)(p) + (off)))
typedef struct _Object Object;
typedef struct _ObjectClass ObjectClass;
struct _ObjectClass {
    size_t size;
    struct IA2_fnptr__ZTSPFvP7_ObjectE init;
    struct IA2_fnptr__ZTSPFvP7_ObjectE finalize;
    struct IA2_fnptr__ZTSPFiP7_ObjectiE method;
};
struct _Object {
    ObjectClass *klass;
    int ref;
    GDestroyNotify notify;
    gpointer data;
};
#define OBJECT_GET_CLASS(o) (((Object *)(o))->klass)
#define OBJECT_CLASS(k) ((ObjectClass *)(k))
#define CHAIN_UP(k, m, ...) (OBJECT_CLASS(k)->m ? OBJECT_CLASS(k)->m(__VA_ARGS__) : (void)0)
#define object_new(T) ((T *)object_alloc(&T##_class))
Object *object_alloc(ObjectClass *k);
void object_unref(gpointer o);
int signal_connect(const char *name, GCallback cb, gpointer data);
int signal_emit(const char *name, int arg);
typedef struct List {
    struct List *next;
    gpointer data;
} List;
void list_foreach(List *l, GFunc f, gpointer user);
#define LIST_FOREACH(l, f, u) list_foreach((l), (GFunc){IA2_FN_ADDR_AS(add_one, _ZTSPFvPvS_E)}, (u))
#define DECLARE_HOOK(name, args)                                                                             \
    typedef int(*name##_hook) args;                                                                          \
    extern void set_##name(name##_hook h);                                                                   \
    extern int run_##name args
typedef struct IA2_fnptr__ZTSPFiiE before_hook; extern void set_before(before_hook h); extern int run_before (int a);
typedef struct IA2_fnptr__ZTSPFiiiE after_hook; extern void set_after(after_hook h); extern int run_after (int a, int b);
#define X_OPS(X) X(add, +) X(sub, -) X(mul, *)
enum op {
#define X(n, o) OP_##n,
    X_OPS(X)
#undef X
        OP_COUNT
};
typedef struct IA2_fnptr__ZTSPFiiiE binop;
extern binop lib_ops(enum op);
#define PROTO(args) args
extern void lib_visit (int n, struct IA2_fnptr__ZTSPFviPvE f, gpointer);
#define HANDLER_TYPE(n) int (*n)(int, gpointer)
struct loop {
    struct IA2_fnptr__ZTSPFiiPvE on_read;
    struct IA2_fnptr__ZTSPFiiPvE on_write;
    struct {
        struct IA2_fnptr__ZTSPFiiPvE on_timer;
        int ms;
    } timers[2];
};
int loop_run(struct loop *l, gpointer data);
#ifdef __GNUC__
#define WARN_UNUSED __attribute__((warn_unused_result))
#else
#define WARN_UNUSED
#endif
WARN_UNUSED extern GCompareFunc get_cmp(void);
static inline int call_default(binop f, int a, int b) { return IA2_ADDR(f) != NULL ? IA2_CALL(f, _ZTSPFiiiE)(a, b) : -1; }
#define SAFE_CALL(f, ...) (IA2_ADDR((f)) != NULL ? (IA2_CALL((f), _ZTSPFiiPvE))(__VA_ARGS__) : 0)
#define RETURN_IF_FAIL(c)                                                                                    \
    do {                                                                                                     \
        if (!(c))                                                                                            \
            return -1;                                                                                       \
    } while (0)
#endif

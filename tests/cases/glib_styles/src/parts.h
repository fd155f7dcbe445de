#ifndef LIB_H
#define LIB_H
#include <stddef.h>
/* GLib-like */
typedef void *gpointer;
typedef void (*GCallback)(void);
typedef int (*GCompareFunc)(const void *a, const void *b);
typedef void (*GDestroyNotify)(gpointer data);
typedef void (*GFunc)(gpointer data, gpointer user);
#define G_CALLBACK(f) ((GCallback)(f))
#define G_STRUCT_MEMBER_P(p, off) ((gpointer)((char *)(p) + (off)))
typedef struct _Object Object;
typedef struct _ObjectClass ObjectClass;
struct _ObjectClass {
    size_t size;
    void (*init)(Object *self);
    void (*finalize)(Object *self);
    int (*method)(Object *self, int x);
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
#define LIST_FOREACH(l, f, u) list_foreach((l), (GFunc)(f), (u))
#define DECLARE_HOOK(name, args)                                                                             \
    typedef int(*name##_hook) args;                                                                          \
    extern void set_##name(name##_hook h);                                                                   \
    extern int run_##name args
DECLARE_HOOK(before, (int a));
DECLARE_HOOK(after, (int a, int b));
#define X_OPS(X) X(add, +) X(sub, -) X(mul, *)
enum op {
#define X(n, o) OP_##n,
    X_OPS(X)
#undef X
        OP_COUNT
};
typedef int (*binop)(int, int);
extern binop lib_ops(enum op);
#define PROTO(args) args
extern void lib_visit PROTO((int n, void(*f) PROTO((int, gpointer)), gpointer));
#define HANDLER_TYPE(n) int (*n)(int, gpointer)
struct loop {
    HANDLER_TYPE(on_read);
    HANDLER_TYPE(on_write);
    struct {
        HANDLER_TYPE(on_timer);
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
static inline int call_default(binop f, int a, int b) { return f != NULL ? f(a, b) : -1; }
#define SAFE_CALL(f, ...) ((f) != NULL ? (*(f))(__VA_ARGS__) : 0)
#define RETURN_IF_FAIL(c)                                                                                    \
    do {                                                                                                     \
        if (!(c))                                                                                            \
            return -1;                                                                                       \
    } while (0)
#endif

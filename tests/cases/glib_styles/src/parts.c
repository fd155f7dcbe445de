#include <ia2.h>
#include <ia2_allocator.h>
#include <string.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
Object *object_alloc(ObjectClass *k)
{
    Object *o = shared_calloc(1, k->size);
    o->klass = k;
    o->ref = 1;
    if (k->init)
        k->init(o);
    return o;
}
void object_unref(gpointer p)
{
    Object *o = p;
    if (--o->ref == 0) {
        if (o->notify)
            o->notify(o->data);
        if (OBJECT_GET_CLASS(o)->finalize)
            OBJECT_GET_CLASS(o)->finalize(o);
        shared_free(o);
    }
}
static struct {
    char name[16];
    GCallback cb;
    gpointer data;
} handlers[8];
static int n_handlers;
int signal_connect(const char *name, GCallback cb, gpointer data)
{
    RETURN_IF_FAIL(cb != NULL);
    strcpy(handlers[n_handlers].name, name);
    handlers[n_handlers].cb = cb;
    handlers[n_handlers].data = data;
    return n_handlers++;
}
typedef int (*marshal)(int arg, gpointer data);
int signal_emit(const char *name, int arg)
{
    int sum = 0;
    for (int i = 0; i < n_handlers; i++)
        if (!strcmp(handlers[i].name, name))
            sum += ((marshal)handlers[i].cb)(arg, handlers[i].data);
    return sum;
}
void list_foreach(List *l, GFunc f, gpointer user)
{
    while (l) {
        List *next = l->next;
        (*f)(l->data, user);
        l = next;
    }
}
#define DEFINE_HOOK(name, args, call)                                                                        \
    static name##_hook name##_fn;                                                                            \
    void set_##name(name##_hook h) { name##_fn = h; }                                                        \
    int run_##name args { return name##_fn ? name##_fn call : -7; }
DEFINE_HOOK(before, (int a), (a))
DEFINE_HOOK(after, (int a, int b), (a, b))
#define X(n, o)                                                                                              \
    static int op_##n(int a, int b) { return a o b; }
X_OPS(X)
#undef X
static const binop table[OP_COUNT] = {
#define X(n, o) [OP_##n] = op_##n,
    X_OPS(X)
#undef X
};
binop lib_ops(enum op o) { return (unsigned)o < OP_COUNT ? table[o] : NULL; }
void lib_visit PROTO((int n, void(*f) PROTO((int, gpointer)), gpointer data))
{
    while (n-- > 0)
        f(n, data);
}
int loop_run(struct loop *l, gpointer data)
{
    int s = 0;
    s += SAFE_CALL(l->on_read, 1, data);
    s += SAFE_CALL(l->on_write, 2, data);
    for (size_t i = 0; i < sizeof l->timers / sizeof *l->timers; i++)
        s += SAFE_CALL(l->timers[i].on_timer, l->timers[i].ms, data);
    return s;
}
static int cmp(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
GCompareFunc get_cmp(void) { return &cmp; }

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
    if (IA2_ADDR(k->init))
        IA2_CALL(k->init, _ZTSPFvP7_ObjectE)(o);
    return o;
} IA2_REGISTER(object_alloc, 0x209099f3ddddac68)
void object_unref(gpointer p)
{
    Object *o = p;
    if (--o->ref == 0) {
        if (IA2_ADDR(o->notify))
            IA2_CALL(o->notify, _ZTSPFvPvE)(o->data);
        if (IA2_ADDR(OBJECT_GET_CLASS(o)->finalize))
            IA2_CALL(OBJECT_GET_CLASS(o)->finalize, _ZTSPFvP7_ObjectE)(o);
        shared_free(o);
    }
} IA2_REGISTER(object_unref, 0x61e88ae556c3dd11)
static struct {
    char name[16];
    GCallback cb;
    gpointer data;
} handlers[8];
static int n_handlers;
int signal_connect(const char *name, GCallback cb, gpointer data)
{
    RETURN_IF_FAIL(IA2_ADDR(cb) != NULL);
    strcpy(handlers[n_handlers].name, name);
    handlers[n_handlers].cb = cb;
    handlers[n_handlers].data = data;
    return n_handlers++;
} IA2_REGISTER(signal_connect, 0xe958269b6babc93d)
typedef struct IA2_fnptr__ZTSPFiiPvE marshal;
int signal_emit(const char *name, int arg)
{
    int sum = 0;
    for (int i = 0; i < n_handlers; i++)
        if (!strcmp(handlers[i].name, name))
            sum += IA2_CALL(((marshal){IA2_ADDR(handlers[i].cb)}), _ZTSPFiiPvE)(arg, handlers[i].data);
    return sum;
} IA2_REGISTER(signal_emit, 0x191a9bd53dd91bd8)
void list_foreach(List *l, GFunc f, gpointer user)
{
    while (l) {
        List *next = l->next;
        (IA2_CALL(f, _ZTSPFvPvS_E))(l->data, user);
        l = next;
    }
} IA2_REGISTER(list_foreach, 0x899069b9c31a2dee)
#define DEFINE_HOOK(name, args, call)                                                                        \
    static name##_hook name##_fn;                                                                            \
    void set_##name(name##_hook h) { name##_fn = h; }                                                        \
    int run_##name args { return name##_fn ? name##_fn call : -7; }
static before_hook before_fn; void set_before(before_hook h) { before_fn = h; } IA2_REGISTER(set_before, 0x4e7b11163c65f029) int run_before (int a) { return IA2_ADDR(before_fn) ? IA2_CALL(before_fn, _ZTSPFiiE) (a) : -7; } IA2_REGISTER(run_before, 0x20846735847ece6c)
static after_hook after_fn; void set_after(after_hook h) { after_fn = h; } IA2_REGISTER(set_after, 0xadf9aa672c69e040) int run_after (int a, int b) { return IA2_ADDR(after_fn) ? IA2_CALL(after_fn, _ZTSPFiiiE) (a, b) : -7; } IA2_REGISTER(run_after, 0xb19f482cf9233d34)
#define X(n, o)                                                                                              \
    static int op_##n(int a, int b) { return a o b; }
IA2_STATIC_FN(op_add, _ZTSPFiiiE, parts_c) IA2_STATIC_FN(op_mul, _ZTSPFiiiE, parts_c) IA2_STATIC_FN(op_sub, _ZTSPFiiiE, parts_c) X_OPS(X) IA2_REGISTER_LOCAL(op_add, 0xc87f08a7b478e5b7) IA2_REGISTER_LOCAL(op_mul, 0xffeb752521c668fc) IA2_REGISTER_LOCAL(op_sub, 0xfdeaa5f96979290d)
#undef X
static const binop table[OP_COUNT] = {
#define X(n, o) [OP_##n] = op_##n,
    [OP_add] = {IA2_FN_ADDR(op_add)}, [OP_sub] = {IA2_FN_ADDR(op_sub)}, [OP_mul] = {IA2_FN_ADDR(op_mul)},
#undef X
};
binop lib_ops(enum op o) { return (unsigned)o < OP_COUNT ? table[o] : IA2_OPAQUE(_ZTSPFiiiE, NULL); } IA2_REGISTER(lib_ops, 0x7cfb930f051ca06e)
void lib_visit (int n, struct IA2_fnptr__ZTSPFviPvE f, gpointer data)
{
    while (n-- > 0)
        IA2_CALL(f, _ZTSPFviPvE)(n, data);
} IA2_REGISTER(lib_visit, 0x906a0adb0786941b)
int loop_run(struct loop *l, gpointer data)
{
    int s = 0;
    s += SAFE_CALL(l->on_read, 1, data);
    s += SAFE_CALL(l->on_write, 2, data);
    for (size_t i = 0; i < sizeof l->timers / sizeof *l->timers; i++)
        s += SAFE_CALL(l->timers[i].on_timer, l->timers[i].ms, data);
    return s;
} IA2_REGISTER(loop_run, 0x5968748608759b7d)
IA2_STATIC_FN(cmp, _ZTSPFiPKvS0_E, parts_c) static int cmp(const void *a, const void *b) { return *(const int *)a - *(const int *)b; } IA2_REGISTER_LOCAL(cmp, 0x2b3f7b11a0ac4ff)
GCompareFunc get_cmp(void) { return IA2_FN(cmp); } IA2_REGISTER(get_cmp, 0xdc4e964f576b7b79)

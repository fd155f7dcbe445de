#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "parts.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>
static int total;
typedef struct {
    Object parent;
    int value;
} Widget;
IA2_STATIC_FN(widget_init, _ZTSPFvP7_ObjectE, main_c) static void widget_init(Object *o) { ((Widget *)o)->value = 10; } IA2_REGISTER_LOCAL(widget_init, 0x226432cc35176040)
IA2_STATIC_FN(widget_finalize, _ZTSPFvP7_ObjectE, main_c) static void widget_finalize(Object *o) { printf("finalize %d\n", ((Widget *)o)->value); } IA2_REGISTER_LOCAL(widget_finalize, 0x5aca66753c185c9c)
IA2_STATIC_FN(widget_method, _ZTSPFiP7_ObjectiE, main_c) static int widget_method(Object *o, int x) { return ((Widget *)o)->value + x + total; } IA2_REGISTER_LOCAL(widget_method, 0x25ba6d9d8b18077e)
IA2_SHARED_DATA static ObjectClass Widget_class = { sizeof(Widget), {IA2_FN_ADDR(widget_init)}, {IA2_FN_ADDR(widget_finalize)},
                                                    {IA2_FN_ADDR(widget_method)} };
IA2_STATIC_FN(notify, _ZTSPFvPvE, main_c) static void notify(gpointer p) { printf("notify %d\n", *(int *)p); } IA2_REGISTER_LOCAL(notify, 0xf478d82c0d9261ef)
IA2_STATIC_FN_STORED(clicked, _ZTSPFvvE, main_c) static int clicked(int arg, gpointer data)
{
    total += arg;
    return *(int *)data + arg;
} IA2_REGISTER_LOCAL(clicked, 0x4b58296ab7167a79)
IA2_STATIC_FN_AS(add_one, _ZTSPFvPvS_E, main_c) static void add_one(int *x, int *sum) { *sum += *x; } IA2_REGISTER_LOCAL(add_one, 0xb29ec99a3c6589ce)
IA2_STATIC_FN(before, _ZTSPFiiE, main_c) static int before(int a) { return a + total; } IA2_REGISTER_LOCAL(before, 0x2cf1f012d50b421b)
IA2_STATIC_FN(after, _ZTSPFiiiE, main_c) static int after(int a, int b) { return a * b + total; } IA2_REGISTER_LOCAL(after, 0x7c6b30d570f59219)
IA2_STATIC_FN(visit, _ZTSPFviPvE, main_c) static void visit(int i, gpointer p)
{
    *(int *)p += i;
    total += i;
} IA2_REGISTER_LOCAL(visit, 0x849c8e54cf2fedc3)
IA2_STATIC_FN(on_read, _ZTSPFiiPvE, main_c) static int on_read(int x, gpointer p) { return x + *(int *)p; } IA2_REGISTER_LOCAL(on_read, 0xb45cf01317da571f)
IA2_STATIC_FN(on_timer, _ZTSPFiiPvE, main_c) static int on_timer(int ms, gpointer p)
{
    (void)p;
    return ms;
} IA2_REGISTER_LOCAL(on_timer, 0xa9e794aa82888f81)
IA2_SHARED_DATA static int seven = 7;
#define CONNECT(sig, f) signal_connect(#sig, G_CALLBACK(f), &seven)
#define FOREACH_OP(i, f) for (int i = 0; i < OP_COUNT && (IA2_ADDR((f) = lib_ops(i))); i++)
#define VA(f, ...) f(__VA_ARGS__)
#define CAT(a, b) a##b
#define CAT2(a, b) CAT(a, b)
#define UNIQUE(f)                                                                                            \
    binop CAT2(tmp_, __LINE__) = (f);                                                                        \
    r += CAT2(tmp_, __LINE__)(1, 2)
int main(void)
{
    int r = 0;
    Widget *w = object_new(Widget);
    w->parent.notify = IA2_FN(notify);
    w->parent.data = &seven;
    printf("method %d\n", IA2_CALL(OBJECT_GET_CLASS(w)->method, _ZTSPFiP7_ObjectiE)(&w->parent, 5));
    (IA2_ADDR(((ObjectClass *)(w->parent.klass))->init) ? IA2_CALL(((ObjectClass *)(w->parent.klass))->init, _ZTSPFvP7_ObjectE)(&w->parent) : (void)0);
    object_unref(w);
    r = CONNECT(click, clicked);
    printf("connect %d %d\n", r, CONNECT(other, &clicked));
    r = signal_emit("click", 3);
    printf("emit %d %d\n", r, total);
    r = 0;
    List *l = shared_calloc(3, sizeof *l);
    int *nums = shared_calloc(4, sizeof *nums);
    for (int i = 0; i < 3; i++) {
        l[i].data = &nums[i];
        nums[i] = i + 1;
        l[i].next = i < 2 ? &l[i + 1] : NULL;
    }
    LIST_FOREACH(l, add_one, &nums[3]);
    printf("sum %d\n", nums[3]);
    printf("hook %d\n", run_before(1));
    set_before(IA2_FN(before));
    set_after(IA2_FN(after));
    printf("hook %d %d\n", run_before(1), run_after(2, 3));
    binop f;
    FOREACH_OP(i, f) printf("op %d\n", IA2_CALL(f, _ZTSPFiiiE)(6, 3));
    lib_visit(3, IA2_FN(visit), &nums[3]);
    printf("visited %d %d\n", nums[3], total);
    struct loop *loop = shared_calloc(1, sizeof *loop);
    *loop = (struct loop){ .on_read = {IA2_FN_ADDR(on_read)}, .timers = { [1] = { {IA2_FN_ADDR(on_timer)}, 50 } } };
    printf("loop %d\n", loop_run(loop, &seven));
    printf("va %d %d\n", VA(IA2_CALL(lib_ops(OP_mul), _ZTSPFiiiE), 3, 4), ((IA2_ADDR(lib_ops(OP_add))) != NULL ? (IA2_CALL((lib_ops(OP_add)), _ZTSPFiiiE))(3, 4) : 0));
    binop tmp_84 = (lib_ops(OP_sub)); r += IA2_CALL(tmp_84, _ZTSPFiiiE)(1, 2);
    binop tmp_85 = {IA2_FN_ADDR(after)}; r += IA2_CALL(tmp_85, _ZTSPFiiiE)(1, 2);
    printf("unique %d default %d %d\n", r, call_default(lib_ops(0), 1, 2), call_default(IA2_OPAQUE(_ZTSPFiiiE, NULL), 1, 2));
    GCompareFunc c = get_cmp();
    int arr[] = { 2, 1 };
    (void)arr;
    printf("cmp %d\n", IA2_IDENTITY(c) == IA2_IDENTITY(get_cmp()));
    return 0;
}
IA2_NEED(get_cmp)
IA2_NEED(lib_ops)
IA2_NEED(lib_visit)
IA2_NEED(list_foreach)
IA2_NEED(loop_run)
IA2_NEED(object_alloc)
IA2_NEED(object_unref)
IA2_NEED(run_after)
IA2_NEED(run_before)
IA2_NEED(set_after)
IA2_NEED(set_before)
IA2_NEED(signal_connect)
IA2_NEED(signal_emit)

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
static void widget_init(Object *o) { ((Widget *)o)->value = 10; }
static void widget_finalize(Object *o) { printf("finalize %d\n", ((Widget *)o)->value); }
static int widget_method(Object *o, int x) { return ((Widget *)o)->value + x + total; }
IA2_SHARED_DATA static ObjectClass Widget_class = { sizeof(Widget), widget_init, widget_finalize,
                                                    widget_method };
static void notify(gpointer p) { printf("notify %d\n", *(int *)p); }
static int clicked(int arg, gpointer data)
{
    total += arg;
    return *(int *)data + arg;
}
static void add_one(int *x, int *sum) { *sum += *x; }
static int before(int a) { return a + total; }
static int after(int a, int b) { return a * b + total; }
static void visit(int i, gpointer p)
{
    *(int *)p += i;
    total += i;
}
static int on_read(int x, gpointer p) { return x + *(int *)p; }
static int on_timer(int ms, gpointer p)
{
    (void)p;
    return ms;
}
IA2_SHARED_DATA static int seven = 7;
#define CONNECT(sig, f) signal_connect(#sig, G_CALLBACK(f), &seven)
#define FOREACH_OP(i, f) for (int i = 0; i < OP_COUNT && ((f) = lib_ops(i)); i++)
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
    w->parent.notify = notify;
    w->parent.data = &seven;
    printf("method %d\n", OBJECT_GET_CLASS(w)->method(&w->parent, 5));
    CHAIN_UP(w->parent.klass, init, &w->parent);
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
    set_before(before);
    set_after(after);
    printf("hook %d %d\n", run_before(1), run_after(2, 3));
    binop f;
    FOREACH_OP(i, f) printf("op %d\n", f(6, 3));
    lib_visit(3, visit, &nums[3]);
    printf("visited %d %d\n", nums[3], total);
    struct loop *loop = shared_calloc(1, sizeof *loop);
    *loop = (struct loop){ .on_read = on_read, .timers = { [1] = { on_timer, 50 } } };
    printf("loop %d\n", loop_run(loop, &seven));
    printf("va %d %d\n", VA(lib_ops(OP_mul), 3, 4), SAFE_CALL(lib_ops(OP_add), 3, 4));
    UNIQUE(lib_ops(OP_sub));
    UNIQUE(after);
    printf("unique %d default %d %d\n", r, call_default(lib_ops(0), 1, 2), call_default(NULL, 1, 2));
    GCompareFunc c = get_cmp();
    int arr[] = { 2, 1 };
    (void)arr;
    printf("cmp %d\n", c == get_cmp());
    return 0;
}

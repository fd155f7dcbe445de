#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "parts.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>
static int base = 2;
IA2_STATIC_FN(on_event, _ZTSPFiPviE, main_c) static int on_event(void *ctx, int event) { return *(int *)ctx * event; } IA2_REGISTER_LOCAL(on_event, 0x307c4cb11cf7bce0)
IA2_STATIC_FN(d_open, _ZTSPFiP6deviceiE, main_c) static int d_open(struct device *d, int x) { return d->state + x; } IA2_REGISTER_LOCAL(d_open, 0x74d0a95ec7cad24c)
IA2_STATIC_FN(d_close, _ZTSPFiP6deviceiE, main_c) static int d_close(struct device *d, int x) { return d->state - x; } IA2_REGISTER_LOCAL(d_close, 0xf9614ae524d3f2dd)
IA2_STATIC_FN(d_ioctl, _ZTSPFiP6devicemPvE, main_c) static int d_ioctl(struct device *d, unsigned long cmd, void *arg)
{
    (void)arg;
    return d->state * (int)cmd;
} IA2_REGISTER_LOCAL(d_ioctl, 0x93315fbec0feb67d)
IA2_STATIC_FN(d_destroy, _ZTSPFvP6deviceE, main_c) static void d_destroy(struct device *d)
{
    d->state = -1;
    printf("destroy\n");
} IA2_REGISTER_LOCAL(d_destroy, 0x6e423b541f06f27d)
IA2_STATIC_FN(trip, _ZTSPFiiE, main_c) static int trip(int x) { return 3 * x + base; } IA2_REGISTER_LOCAL(trip, 0x3f35ab00e46d67f0)
IA2_STATIC_FN(neg, _ZTSPFiiE, main_c) static int neg(int x) { return -x; } IA2_REGISTER_LOCAL(neg, 0xe0162de7555a8489)
IA2_STATIC_FN(cb, _ZTSPFiPFiiEiE, main_c) static int cb(struct IA2_fnptr__ZTSPFiiE f, int x) { return IA2_CALL(f, _ZTSPFiiE)(x) - x; } IA2_REGISTER_LOCAL(cb, 0x2951aecd588029f3)
IA2_SHARED_DATA static struct vtable table = {
    .name = "dev", .open = {IA2_FN_ADDR(d_open)}, .close = {IA2_FN_ADDR(d_close)}, .ioctl = {IA2_FN_ADDR(d_ioctl)}
};
IA2_SHARED_DATA static struct device dev = { &table,    .flags = 5,  .destroy = {IA2_FN_ADDR(d_destroy)},
                                             .more = 9, .state = 40, .u = { .as_fn = {IA2_FN_ADDR(trip)} } };
IA2_SHARED_DATA static int context = 6;
IA2_SHARED_DATA static struct hook hook = { { 0, 0 }, {IA2_FN_ADDR(on_event)}, &context };
IA2_SHARED_DATA static struct hook nohook;
int main(void)
{
    registry_add(&hook);
    registry_add(&nohook);
    printf("fire %d\n", registry_fire(7));
    printf("reg %d\n", dev_register(&dev));
    for (int i = 0; i < 5; i++)
        printf("call %d %d\n", i, dev_call(i, 5));
    printf("dev %u %u %d\n", dev.flags, dev.more, IA2_ADDR(dev.destroy) == NULL);
    printf("fact %d\n", IA2_IDENTITY(IA2_CALL(get_factory(), _ZTSPFPFiPKvS0_EiE)(0)) == IA2_IDENTITY(IA2_CALL(get_factory(), _ZTSPFPFiPKvS0_EiE)(0)));
    cmp_t c = IA2_CALL(get_factory(), _ZTSPFPFiPKvS0_EiE)(1);
    int *v = shared_malloc(3 * sizeof *v);
    v[0] = 3;
    v[1] = 1;
    v[2] = 2;
    qsort(v, 3, sizeof *v, (void *)IA2_IDENTITY(c) == IA2_IDENTITY(c) ? IA2_PLAIN(c, _ZTSPFiPKvS0_E) : NULL);
    printf("nested %d\n", IA2_CALL(IA2_CALL(lib_nested(IA2_FN(cb)), _ZTSPFPFiiEiE)(1), _ZTSPFiiE)(5));
    printf("kr %d\n", lib_kr(IA2_FN(trip), 3, IA2_FN(neg)));
    struct IA2_fnptr__ZTSPFiiE *fs = shared_malloc(4 * sizeof *fs);
    fs[0] = IA2_FN(trip);
    IA2_AS_PTR(fs[1]) = 0;
    fs[2] = IA2_FN(neg);
    fs[3] = IA2_FN(neg);
    printf("arr %d\n", lib_arr(fs, 4));
    struct IA2_fnptr__ZTSPFiiE (*two)[2] = shared_malloc(2 * sizeof *two);
    two[0][0] = two[0][1] = two[1][0] = IA2_FN(trip);
    *(*(two + 1) + 1) = IA2_FN(neg);
    printf("arr2 %d\n", lib_arr2(two, 2));
    struct ret r = { .a = {IA2_FN_ADDR(trip)} }, q;
    q = lib_ret(r, IA2_FN(neg));
    printf("ret %d %d %d %d\n", IA2_CALL(q.a, _ZTSPFiiE)(1), IA2_CALL(q.in.b, _ZTSPFiiE)(2), q.in.n, IA2_ADDR(q.arr[1]) ? IA2_CALL(q.arr[1], _ZTSPFiiE)(1) : 0);
    q = r;
    memset(&q, 0, sizeof q);
    printf("zero %d\n", !IA2_ADDR(q.a) && !IA2_ADDR(q.arr[0]));
    printf("opt %d %d %d\n", lib_call_opt(IA2_FN(trip), 0, 1), lib_call_opt(IA2_OPAQUE(_ZTSPFiiE, 0), (struct IA2_fnptr__ZTSPFiiE const *)fs, 1),
           lib_call_opt(IA2_OPAQUE(_ZTSPFiiE, 0), 0, 1));
    return 0;
}
IA2_NEED(dev_call)
IA2_NEED(dev_register)
IA2_NEED(get_factory)
IA2_NEED(lib_arr)
IA2_NEED(lib_arr2)
IA2_NEED(lib_call_opt)
IA2_NEED(lib_kr)
IA2_NEED(lib_nested)
IA2_NEED(lib_ret)
IA2_NEED(registry_add)
IA2_NEED(registry_fire)

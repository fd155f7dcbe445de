#include <ia2.h>
#include "parts.h"
#include <string.h>
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
static struct list_head hooks = { &hooks, &hooks };
static struct list_head devices = { &devices, &devices };
static int seed = 11;
void registry_add(struct hook *h)
{
    h->link.next = hooks.next;
    h->link.prev = &hooks;
    hooks.next->prev = &h->link;
    hooks.next = &h->link;
} IA2_REGISTER(registry_add, 0xf6bd3b7a97f18745)
int registry_fire(int event)
{
    struct list_head *pos;
    int sum = 0;
    list_for_each(pos, &hooks)
    {
        struct hook *h = list_entry(pos, struct hook, link);
        sum += IA2_ADDR(h->fn) ? IA2_CALL(h->fn, _ZTSPFiPviE)(h->ctx, event) : 0;
    }
    return sum;
} IA2_REGISTER(registry_fire, 0xd4dfa9bc06a54260)
int dev_register(struct device *d)
{
    if (!d->ops || !IA2_ADDR(d->ops->open))
        return -1;
    d->link.next = devices.next;
    devices.next = &d->link;
    d->link.prev = &devices;
    return IA2_CALL(d->ops->open, _ZTSPFiP6deviceiE)(d, 1);
} IA2_REGISTER(dev_register, 0xc8152ed7766fd74a)
int dev_call(int op, int arg)
{
    struct list_head *pos;
    int sum = 0;
    list_for_each(pos, &devices)
    {
        struct device *d = container_of(pos, struct device, link);
        const struct vtable *v = d->ops;
        switch (op) {
        case 0:
            sum += IA2_CALL((v->open), _ZTSPFiP6deviceiE)(d, arg);
            break;
        case 1:
            sum += (IA2_CALL(v->close, _ZTSPFiP6deviceiE))(d, arg);
            break;
        case 2:
            if (IA2_ADDR(v->ioctl) != NULL)
                sum += IA2_CALL(v->ioctl, _ZTSPFiP6devicemPvE)(d, 7, &arg);
            break;
        case 3:
            if (IA2_ADDR(d->destroy))
                IA2_CALL(d->destroy, _ZTSPFvP6deviceE)(d), IA2_AS_PTR(d->destroy) = NULL;
            break;
        case 4:
            sum += IA2_CALL(d->u.as_fn, _ZTSPFiiE)(arg);
            break;
        }
    }
    return sum;
} IA2_REGISTER(dev_call, 0xc4e286332036743)
IA2_STATIC_FN(up, _ZTSPFiPKvS0_E, parts_c) static int up(const void *a, const void *b) { return *(const int *)a - *(const int *)b; } IA2_REGISTER_LOCAL(up, 0xe6db721d0f07119d)
IA2_STATIC_FN(down, _ZTSPFiPKvS0_E, parts_c) static int down(const void *a, const void *b) { return *(const int *)b - *(const int *)a; } IA2_REGISTER_LOCAL(down, 0x6700f7b30c8517b2)
IA2_STATIC_FN(factory, _ZTSPFPFiPKvS0_EiE, parts_c) static cmp_t factory(int kind)
{
    static const cmp_t kinds[] = { {IA2_FN_ADDR(up)}, {IA2_FN_ADDR(down)} };
    return kinds[kind & 1];
} IA2_REGISTER_LOCAL(factory, 0x6ad91d75b91c61ef)
cmp_factory get_factory(void) { return IA2_FN(factory); } IA2_REGISTER(get_factory, 0x9d7e39876d390860)
IA2_STATIC_FN(inc, _ZTSPFiiE, parts_c) static int inc(int x) { return x + seed; } IA2_REGISTER_LOCAL(inc, 0x819766f22f647e15)
IA2_STATIC_FN(dbl, _ZTSPFiiE, parts_c) static int dbl(int x) { return x * seed; } IA2_REGISTER_LOCAL(dbl, 0xe7755f2c18cbec94)
IA2_STATIC_FN(choose, _ZTSPFPFiiEiE, parts_c) static struct IA2_fnptr__ZTSPFiiE choose(int w) { return w ? IA2_FN(inc) : IA2_FN(dbl); } IA2_REGISTER_LOCAL(choose, 0x805c12815ff86aad)
struct IA2_fnptr__ZTSPFPFiiEiE lib_nested(struct IA2_fnptr__ZTSPFiPFiiEiE cb)
{
    seed += IA2_CALL(cb, _ZTSPFiPFiiEiE)(IA2_FN(inc), 1);
    return IA2_FN(choose);
} IA2_REGISTER(lib_nested, 0xe2cf6c7b12feefb9)
int lib_kr(f, x, g) struct IA2_fnptr__ZTSPFiiE f; int x;
struct IA2_fnptr__ZTSPFiiE g;
{
    return IA2_CALL(f, _ZTSPFiiE)(x) + IA2_CALL(g, _ZTSPFiiE)(x);
} IA2_REGISTER(lib_kr, 0xe2319936f42571e3)
int lib_arr(struct IA2_fnptr__ZTSPFiiE fs[], int n)
{
    int s = 0;
    for (int i = 0; i < n; ++i)
        s += IA2_ADDR(fs[i]) ? (IA2_CALL(fs[i], _ZTSPFiiE))(i) : 100;
    return s;
} IA2_REGISTER(lib_arr, 0xb3a29536dc6dd86)
int lib_arr2(struct IA2_fnptr__ZTSPFiiE (*fs)[2], int n)
{
    int s = 0;
    for (int i = 0; i < n; ++i)
        s += IA2_CALL(fs[i][0], _ZTSPFiiE)(i) + (IA2_CALL(fs[i][1], _ZTSPFiiE))(i);
    return s;
} IA2_REGISTER(lib_arr2, 0xbc1d2f7c21823cd0)
struct ret lib_ret(struct ret r, struct IA2_fnptr__ZTSPFiiE f)
{
    struct ret x = r;
    x.in.b = f;
    x.arr[1] = IA2_ADDR(x.arr[0]) ? x.arr[0] : IA2_FN(inc);
    return (struct ret){ .a = x.in.b, .in = { .b = x.a, .n = 3 }, .arr = { [1] = x.arr[1] } };
} IA2_REGISTER(lib_ret, 0xc45fe96dac9c20dc)
struct IA2_fnptr__ZTSPFiiE const lib_const_table[3] = { {IA2_FN_ADDR(inc)}, [2] = {IA2_FN_ADDR(dbl)} };
int lib_call_opt(struct IA2_fnptr__ZTSPFiiE f, struct IA2_fnptr__ZTSPFiiE const *tab, int x)
{
    return IA2_ADDR(f) && IA2_CALL(f, _ZTSPFiiE)(x) ? IA2_CALL(f, _ZTSPFiiE)(x) : tab && IA2_ADDR(*tab) ? IA2_CALL((*tab), _ZTSPFiiE)(x) : -1;
} IA2_REGISTER(lib_call_opt, 0x8d6d3e564f5efce3)

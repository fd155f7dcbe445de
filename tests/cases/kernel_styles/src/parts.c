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
}
int registry_fire(int event)
{
    struct list_head *pos;
    int sum = 0;
    list_for_each(pos, &hooks)
    {
        struct hook *h = list_entry(pos, struct hook, link);
        sum += h->fn ? h->fn(h->ctx, event) : 0;
    }
    return sum;
}
int dev_register(struct device *d)
{
    if (!d->ops || !d->ops->open)
        return -1;
    d->link.next = devices.next;
    devices.next = &d->link;
    d->link.prev = &devices;
    return d->ops->open(d, 1);
}
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
            sum += (v->open)(d, arg);
            break;
        case 1:
            sum += (*v->close)(d, arg);
            break;
        case 2:
            if (v->ioctl != NULL)
                sum += v->ioctl(d, 7, &arg);
            break;
        case 3:
            if (d->destroy)
                d->destroy(d), d->destroy = NULL;
            break;
        case 4:
            sum += d->u.as_fn(arg);
            break;
        }
    }
    return sum;
}
static int up(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
static int down(const void *a, const void *b) { return *(const int *)b - *(const int *)a; }
static cmp_t factory(int kind)
{
    static const cmp_t kinds[] = { up, down };
    return kinds[kind & 1];
}
cmp_factory get_factory(void) { return factory; }
static int inc(int x) { return x + seed; }
static int dbl(int x) { return x * seed; }
static int (*choose(int w))(int) { return w ? inc : dbl; }
int (*(*lib_nested(int (*cb)(int (*)(int), int)))(int))(int)
{
    seed += cb(inc, 1);
    return choose;
}
int lib_kr(f, x, g) int (*f)(int), x;
int (*g)(int);
{
    return f(x) + g(x);
}
int lib_arr(int (*fs[])(int), int n)
{
    int s = 0;
    for (int i = 0; i < n; ++i)
        s += fs[i] ? (*fs[i])(i) : 100;
    return s;
}
int lib_arr2(int (*(*fs)[2])(int), int n)
{
    int s = 0;
    for (int i = 0; i < n; ++i)
        s += fs[i][0](i) + (*fs[i][1])(i);
    return s;
}
struct ret lib_ret(struct ret r, int (*f)(int))
{
    struct ret x = r;
    x.in.b = f;
    x.arr[1] = x.arr[0] ? x.arr[0] : inc;
    return (struct ret){ .a = x.in.b, .in = { .b = x.a, .n = 3 }, .arr = { [1] = x.arr[1] } };
}
int (*const lib_const_table[3])(int) = { inc, [2] = dbl };
int lib_call_opt(int (*f)(int), int (*const *tab)(int), int x)
{
    return f && f(x) ? f(x) : tab && *tab ? (*tab)(x) : -1;
}

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
static int on_event(void *ctx, int event) { return *(int *)ctx * event; }
static int d_open(struct device *d, int x) { return d->state + x; }
static int d_close(struct device *d, int x) { return d->state - x; }
static int d_ioctl(struct device *d, unsigned long cmd, void *arg)
{
    (void)arg;
    return d->state * (int)cmd;
}
static void d_destroy(struct device *d)
{
    d->state = -1;
    printf("destroy\n");
}
static int trip(int x) { return 3 * x + base; }
static int neg(int x) { return -x; }
static int cb(int (*f)(int), int x) { return f(x) - x; }
IA2_SHARED_DATA static struct vtable table = {
    .name = "dev", .open = d_open, .close = &d_close, .ioctl = d_ioctl
};
IA2_SHARED_DATA static struct device dev = { &table,    .flags = 5,  .destroy = d_destroy,
                                             .more = 9, .state = 40, .u = { .as_fn = trip } };
IA2_SHARED_DATA static int context = 6;
IA2_SHARED_DATA static struct hook hook = { { 0, 0 }, on_event, &context };
IA2_SHARED_DATA static struct hook nohook;
int main(void)
{
    registry_add(&hook);
    registry_add(&nohook);
    printf("fire %d\n", registry_fire(7));
    printf("reg %d\n", dev_register(&dev));
    for (int i = 0; i < 5; i++)
        printf("call %d %d\n", i, dev_call(i, 5));
    printf("dev %u %u %d\n", dev.flags, dev.more, dev.destroy == NULL);
    printf("fact %d\n", get_factory()(0) == get_factory()(0));
    cmp_t c = get_factory()(1);
    int *v = shared_malloc(3 * sizeof *v);
    v[0] = 3;
    v[1] = 1;
    v[2] = 2;
    qsort(v, 3, sizeof *v, (int (*)(const void *, const void *))c == c ? c : NULL);
    printf("nested %d\n", lib_nested(cb)(1)(5));
    printf("kr %d\n", lib_kr(trip, 3, neg));
    int (**fs)(int) = shared_malloc(4 * sizeof *fs);
    fs[0] = trip;
    fs[1] = 0;
    fs[2] = neg;
    fs[3] = *neg;
    printf("arr %d\n", lib_arr(fs, 4));
    int (*(*two)[2])(int) = shared_malloc(2 * sizeof *two);
    two[0][0] = two[0][1] = two[1][0] = trip;
    *(*(two + 1) + 1) = neg;
    printf("arr2 %d\n", lib_arr2(two, 2));
    struct ret r = { .a = trip }, q;
    q = lib_ret(r, neg);
    printf("ret %d %d %d %d\n", q.a(1), q.in.b(2), q.in.n, q.arr[1] ? q.arr[1](1) : 0);
    q = r;
    memset(&q, 0, sizeof q);
    printf("zero %d\n", !q.a && !q.arr[0]);
    printf("opt %d %d %d\n", lib_call_opt(trip, 0, 1), lib_call_opt(0, (int (*const *)(int))fs, 1),
           lib_call_opt(0, 0, 1));
    return 0;
}

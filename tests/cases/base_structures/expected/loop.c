#include <ia2.h>
#include <ia2_allocator.h>
#include "loop.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

struct loop {
    struct watcher *list[8];
    int count;
    struct io wakeup;
    long woken;
};
/* In functions that have a loop, its members go by their names. */
#define wakeup ((loop)->wakeup)
#define woken ((loop)->woken)

IA2_STATIC_FN(on_wakeup, _ZTSPFlP4loopP2ioiE, loop_c) static long on_wakeup(struct loop *loop, struct io *w, int events)
{
    woken += w->fd + events;
    return woken;
} IA2_REGISTER_LOCAL(on_wakeup, 0x4dfe69cd3788e430)

struct loop *loop_new(void)
{
    struct loop *loop = shared_calloc(1, sizeof *loop);
    init(&wakeup, IA2_FN(on_wakeup));
    wakeup.fd = 100;
    loop_add(loop, &wakeup);
    return loop;
} IA2_REGISTER(loop_new, 0x235ae4d4fec71602)

void loop_add(struct loop *loop, void *w)
{
    loop->list[loop->count++] = w;
} IA2_REGISTER(loop_add, 0xaa4b21e4e3ab80c1)

long loop_invoke(struct loop *loop, struct watcher *w)
{
    return IA2_CALL(w->cb, _ZTSPFlP4loopP7watcheriE)(loop, w, -1);
} IA2_REGISTER(loop_invoke, 0xce1dcadc0590416a)

long loop_run(struct loop *loop, int events)
{
    long sum = 0;
    for (int i = 0; i < loop->count; i++) {
        struct watcher *w = loop->list[i];
        if (IA2_ADDR(w->cb))
            sum += IA2_CALL(w->cb, _ZTSPFlP4loopP7watcheriE)(loop, w, events) * (i + 1);
    }
    return sum;
} IA2_REGISTER(loop_run, 0xc373fffc807f3331)

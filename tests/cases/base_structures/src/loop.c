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

static long on_wakeup(struct loop *loop, struct io *w, int events)
{
    woken += w->fd + events;
    return woken;
}

struct loop *loop_new(void)
{
    struct loop *loop = shared_calloc(1, sizeof *loop);
    init(&wakeup, on_wakeup);
    wakeup.fd = 100;
    loop_add(loop, &wakeup);
    return loop;
}

void loop_add(struct loop *loop, void *w)
{
    loop->list[loop->count++] = w;
}

long loop_invoke(struct loop *loop, struct watcher *w)
{
    return w->cb(loop, w, -1);
}

long loop_run(struct loop *loop, int events)
{
    long sum = 0;
    for (int i = 0; i < loop->count; i++) {
        struct watcher *w = loop->list[i];
        if (w->cb)
            sum += w->cb(loop, w, events) * (i + 1);
    }
    return sum;
}

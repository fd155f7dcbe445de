#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include "loop.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static long k = 7;

IA2_STATIC_FN(on_io, _ZTSPFlP4loopP2ioiE, main_c) static long on_io(struct loop *loop, struct io *w, int events)
{
    (void)loop;
    return k + w->fd + events;
} IA2_REGISTER_LOCAL(on_io, 0x8e5da43ec55b1ccc)

IA2_STATIC_FN(on_timer, _ZTSPFlP4loopP5timeriE, main_c) static long on_timer(struct loop *loop, struct timer *w, int events)
{
    (void)loop;
    return (long)(w->at * 10) + events + k;
} IA2_REGISTER_LOCAL(on_timer, 0x86ca5e2ce4a83620)

IA2_STATIC_FN(on_other_timer, _ZTSPFlP4loopP5timeriE, main_c) static long on_other_timer(struct loop *loop, struct timer *w, int events)
{
    return on_timer(loop, w, events) + ((struct child *)w)->pid;
} IA2_REGISTER_LOCAL(on_other_timer, 0xf9a8513cd3f2bab0)

int main(void)
{
    struct loop *loop = loop_new();
    struct io *io = shared_calloc(1, sizeof *io);
    struct timer *timer = shared_calloc(1, sizeof *timer);
    struct child *child = shared_calloc(1, sizeof *child);
    struct watcher *base = shared_calloc(1, sizeof *base);

    init(io, IA2_FN(on_io));
    io->fd = 30;
    loop_add(loop, io);
    init(timer, IA2_FN(on_timer));
    timer->at = 2.5;
    loop_add(loop, timer);
    init(&child->timer, IA2_FN(on_other_timer));
    child->pid = 9;
    loop_add(loop, child);
    printf("run %ld\n", loop_run(loop, 1));
    printf("invoke %ld %ld\n", loop_invoke(loop, (struct watcher *)io), loop_invoke(loop, (struct watcher *)child));
    init_copied(io, base, IA2_FN(on_io));
    printf("same %d\n", (void *)&base->cb != (void *)&io->cb && !memcmp(&base->cb, &io->cb, sizeof io->cb));
    printf("active %d %d\n", io->active, timer->active + child->timer.active);
    IA2_AS_PTR(watcher_cb(timer)) = NULL;
    printf("run %ld\n", loop_run(loop, 2));
    return 0;
}
IA2_NEED(loop_add)
IA2_NEED(loop_invoke)
IA2_NEED(loop_new)
IA2_NEED(loop_run)

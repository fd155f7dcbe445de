#ifndef LOOP_H
#define LOOP_H
#include <string.h>

/* What all watchers begin with; their callbacks take the watcher itself. */
#define WATCHER(type)                                                                                        \
    int active;                                                                                              \
    void *data;                                                                                              \
    long (*cb)(struct loop * loop, struct type * w, int events);

struct loop;
struct watcher {
    int active; void *data; struct IA2_fnptr__ZTSPFlP4loopP7watcheriE cb;
};
struct watcher_list {
    int active; void *data; struct IA2_fnptr__ZTSPFlP4loopP12watcher_listiE cb;
    struct watcher_list *next;
};
struct io {
    int active; void *data; struct IA2_fnptr__ZTSPFlP4loopP2ioiE cb;
    struct watcher_list *next;
    int fd;
};
struct timer {
    int active; void *data; struct IA2_fnptr__ZTSPFlP4loopP5timeriE cb;
    double at;
};
/* A watcher as a member of another one: the types are the same there. */
struct child {
    struct timer timer;
    int pid;
};

#define watcher_cb(w) (w)->cb
#define init(w, callback)                                                                                    \
    do {                                                                                                     \
        ((struct watcher *)(void *)(w))->active = 1;                                                         \
        watcher_cb(w) = (callback);                                                                          \
    } while (0)
/* The same by copying, which needs no cast of the structure. */
#define init_copied(w, base, callback)                                                                       \
    (watcher_cb(w) = (callback), memmove(&(base)->cb, &watcher_cb(w), sizeof(watcher_cb(w))))

struct loop *loop_new(void);
void loop_add(struct loop *loop, void *w);
long loop_run(struct loop *loop, int events);
long loop_invoke(struct loop *loop, struct watcher *w);
#endif

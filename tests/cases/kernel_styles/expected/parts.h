#ifndef LIB_H
#define LIB_H
#include <stddef.h>
#include <stdint.h>
struct device;
typedef int op_t(struct device *, int);
typedef void (*log_fn)(const char *) __attribute__((noreturn));
struct vtable {
    const char *name;
    struct IA2_fnptr__ZTSPFiP6deviceiE open; struct IA2_fnptr__ZTSPFiP6deviceiE close;
    struct IA2_fnptr__ZTSPFiP6devicemPvE ioctl;
};

struct list_head {
    struct list_head *next, *prev;
};
#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
#define list_entry(p, t, m) container_of(p, t, m)
#define list_for_each(pos, head) for (pos = (head)->next; pos != (head); pos = pos->next)
struct device {
    const struct vtable *ops;
    struct list_head link;
    unsigned flags : 3;
    struct IA2_fnptr__ZTSPFvP6deviceE destroy;
    unsigned more : 5;
    int state;
    union {
        struct IA2_fnptr__ZTSPFiiE as_fn;
        void *as_ptr;
        uintptr_t as_int;
    } u;
};
struct hook {
    struct list_head link;
    struct IA2_fnptr__ZTSPFiPviE fn;
    void *ctx;
};
void registry_add(struct hook *h);
int registry_fire(int event);
int dev_register(struct device *d);
int dev_call(int op, int arg);
typedef struct IA2_fnptr__ZTSPFiPKvS0_E cmp_t;
typedef struct IA2_fnptr__ZTSPFPFiPKvS0_EiE cmp_factory;
cmp_factory get_factory(void);
struct IA2_fnptr__ZTSPFPFiiEiE lib_nested(struct IA2_fnptr__ZTSPFiPFiiEiE cb);
int lib_kr();
int lib_arr(struct IA2_fnptr__ZTSPFiiE fs[], int n);
int lib_arr2(struct IA2_fnptr__ZTSPFiiE (*fs)[2], int n);
struct ret {
    struct IA2_fnptr__ZTSPFiiE a;
    struct {
        struct IA2_fnptr__ZTSPFiiE b;
        int n;
    } in;
    struct IA2_fnptr__ZTSPFiiE arr[2];
};
struct ret lib_ret(struct ret r, struct IA2_fnptr__ZTSPFiiE f);
extern struct IA2_fnptr__ZTSPFiiE const lib_const_table[3];
int lib_call_opt(struct IA2_fnptr__ZTSPFiiE f, struct IA2_fnptr__ZTSPFiiE const *tab, int x);
#endif

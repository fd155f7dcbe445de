#ifndef LIB_H
#define LIB_H
#include <stddef.h>
#include <stdint.h>
struct device;
typedef int op_t(struct device *, int);
typedef void (*log_fn)(const char *) __attribute__((noreturn));
struct vtable {
    const char *name;
    op_t *open, *close;
    int (*ioctl)(struct device *dev, unsigned long cmd, void *arg);
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
    void (*destroy)(struct device *);
    unsigned more : 5;
    int state;
    union {
        int (*as_fn)(int);
        void *as_ptr;
        uintptr_t as_int;
    } u;
};
struct hook {
    struct list_head link;
    int (*fn)(void *ctx, int event);
    void *ctx;
};
void registry_add(struct hook *h);
int registry_fire(int event);
int dev_register(struct device *d);
int dev_call(int op, int arg);
typedef int (*cmp_t)(const void *, const void *);
typedef cmp_t (*cmp_factory)(int kind);
cmp_factory get_factory(void);
int (*(*lib_nested(int (*cb)(int (*)(int), int)))(int))(int);
int lib_kr();
int lib_arr(int (*fs[])(int), int n);
int lib_arr2(int (*(*fs)[2])(int), int n);
struct ret {
    int (*a)(int);
    struct {
        int (*b)(int);
        int n;
    } in;
    int (*arr[2])(int);
};
struct ret lib_ret(struct ret r, int (*f)(int));
extern int (*const lib_const_table[3])(int);
int lib_call_opt(int (*f)(int), int (*const *tab)(int), int x);
#endif

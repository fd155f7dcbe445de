#ifndef TABLE_H
#define TABLE_H
#include <stddef.h>
#include <stdint.h>

typedef int (*visit_fn)(int value, void *data);
typedef int combine_fn(int, int);

struct ops {
    int (*add)(int, int);
    const char *name;
    visit_fn visit;
    combine_fn *others[2];
};

int table_each(int n, visit_fn visit, void *data);
int table_run(const struct ops *ops, int x);
const struct ops *table_ops(void);
uint32_t (*table_pick(int which))(uint32_t, uint32_t);
int table_combine(int combine(int, int), int a, int b);
void table_keep(visit_fn visit);
visit_fn table_kept(void);
int table_call_kept(int x);
#endif

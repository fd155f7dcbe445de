#ifndef TABLE_H
#define TABLE_H
#include <stddef.h>
#include <stdint.h>

typedef struct IA2_fnptr__ZTSPFiiPvE visit_fn;
typedef int combine_fn(int, int);

struct ops {
    struct IA2_fnptr__ZTSPFiiiE add;
    const char *name;
    visit_fn visit;
    struct IA2_fnptr__ZTSPFiiiE others[2];
};

int table_each(int n, visit_fn visit, void *data);
int table_run(const struct ops *ops, int x);
const struct ops *table_ops(void);
struct IA2_fnptr__ZTSPFjjjE table_pick(int which);
int table_combine(struct IA2_fnptr__ZTSPFiiiE combine, int a, int b);
void table_keep(visit_fn visit);
visit_fn table_kept(void);
int table_call_kept(int x);
#endif

#include <ia2.h>
#include "table.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int table_each(int n, visit_fn visit, void *data)
{
    int sum = 0;
    if (!visit || visit == NULL)
        return -1;
    for (int i = 0; i < n; i++)
        sum += visit(i, data);
    return sum;
}

int table_run(const struct ops *ops, int x)
{
    int sum = 0;
    if (ops->add == 0)
        return 0;
    for (int i = 0; i < 2 && ops->others[i]; i++)
        sum += ops->others[i](x, i);
    return sum + (*ops->add)(x, x) + (ops->visit ? ops->visit(x, NULL) : 0);
}

static int my_add(int a, int b) { return a + b + 1000; }
static int my_visit(int v, void *d) { return v * 2; }
static struct ops own = { my_add, "own", .visit = &my_visit };

const struct ops *table_ops(void) { return &own; }

static uint32_t u_add(uint32_t a, uint32_t b) { return a + b; }
static uint32_t u_mul(uint32_t a, uint32_t b) { return a * b; }
uint32_t (*table_pick(int which))(uint32_t, uint32_t) { return which ? u_mul : u_add; }

int table_combine(int combine(int, int), int a, int b)
{
    while (combine) {
        a = combine(a, b);
        combine = a > 100 ? NULL : combine;
    }
    return a;
}

static visit_fn kept = my_visit, other_kept;
void table_keep(visit_fn visit)
{
    other_kept = kept;
    kept = visit;
}
visit_fn table_kept(void) { return kept; }
int table_call_kept(int x)
{
    if (kept != my_visit && other_kept == my_visit)
        x++;
    return kept(x, &x) + (other_kept ? 1 : 0);
}

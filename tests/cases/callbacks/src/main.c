#include <ia2.h>
#include <stdio.h>
#include "table.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int secret = 42;
static int count_up(int v, void *data) { return v + secret; }
static int main_add(int a, int b) { return a * 10 + b; }
int main_sub(int a, int b) { return a - b + secret; }
IA2_SHARED_DATA struct ops shared_ops = { main_add, "main", NULL, { main_sub } };

static int recursive(int v, void *data)
{
    return v <= 0 ? secret : v + table_each(v, recursive, data);
}

int main(void)
{
    visit_fn v = count_up;
    uint32_t (*op)(uint32_t, uint32_t) = table_pick(1);

    printf("each %d %d\n", table_each(3, v, NULL), table_each(3, NULL, NULL));
    printf("run %d\n", table_run(&shared_ops, 4));
    shared_ops.visit = v;
    shared_ops.others[1] = &main_add;
    printf("run %d\n", table_run(&shared_ops, 4));
    printf("pick %u %u\n", op(6, 7), table_pick(0)(6, 7));
    printf("combine %d\n", table_combine(main_sub, 5, 1));
    printf("kept %d\n", table_call_kept(5));
    table_keep(v);
    printf("kept %d %d\n", table_call_kept(5), table_kept() == v);
    table_keep(NULL);
    printf("kept %d %d\n", table_kept() == NULL, table_kept() ? 1 : 0);
    table_keep(count_up);
    printf("kept %d\n", table_kept()(1, NULL));
    printf("nested %d\n", table_each(3, recursive, NULL));
    v = NULL;
    if (v)
        puts("not null");
    v = secret == 42 ? count_up : NULL;
    printf("end %d\n", (*v)(1, NULL));
    return 0;
}

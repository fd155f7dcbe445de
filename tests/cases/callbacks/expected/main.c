#include <ia2.h>
#include <stdio.h>
#include "table.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int secret = 42;
IA2_STATIC_FN(count_up, _ZTSPFiiPvE, main_c) static int count_up(int v, void *data) { return v + secret; } IA2_REGISTER_LOCAL(count_up, 0x59574331bbd13b2f)
IA2_STATIC_FN(main_add, _ZTSPFiiiE, main_c) static int main_add(int a, int b) { return a * 10 + b; } IA2_REGISTER_LOCAL(main_add, 0x5a8f9ca7e0aec333)
int main_sub(int a, int b) { return a - b + secret; } IA2_REGISTER(main_sub, 0xe488070d908d5aab)
IA2_SHARED_DATA struct ops shared_ops = { {IA2_FN_ADDR(main_add)}, "main", {NULL}, { {IA2_FN_ADDR(main_sub)} } };

IA2_STATIC_FN(recursive, _ZTSPFiiPvE, main_c) static int recursive(int v, void *data)
{
    return v <= 0 ? secret : v + table_each(v, IA2_FN(recursive), data);
} IA2_REGISTER_LOCAL(recursive, 0xd3328967ae12f576)

int main(void)
{
    visit_fn v = {IA2_FN_ADDR(count_up)};
    struct IA2_fnptr__ZTSPFjjjE op = table_pick(1);

    printf("each %d %d\n", table_each(3, v, NULL), table_each(3, IA2_OPAQUE(_ZTSPFiiPvE, NULL), NULL));
    printf("run %d\n", table_run(&shared_ops, 4));
    shared_ops.visit = v;
    shared_ops.others[1] = IA2_FN(main_add);
    printf("run %d\n", table_run(&shared_ops, 4));
    printf("pick %u %u\n", IA2_CALL(op, _ZTSPFjjjE)(6, 7), IA2_CALL(table_pick(0), _ZTSPFjjjE)(6, 7));
    printf("combine %d\n", table_combine(IA2_FN(main_sub), 5, 1));
    printf("kept %d\n", table_call_kept(5));
    table_keep(v);
    printf("kept %d %d\n", table_call_kept(5), IA2_IDENTITY(table_kept()) == IA2_IDENTITY(v));
    table_keep(IA2_OPAQUE(_ZTSPFiiPvE, NULL));
    printf("kept %d %d\n", IA2_ADDR(table_kept()) == NULL, IA2_ADDR(table_kept()) ? 1 : 0);
    table_keep(IA2_FN(count_up));
    printf("kept %d\n", IA2_CALL(table_kept(), _ZTSPFiiPvE)(1, NULL));
    printf("nested %d\n", table_each(3, IA2_FN(recursive), NULL));
    IA2_AS_PTR(v) = NULL;
    if (IA2_ADDR(v))
        puts("not null");
    v = secret == 42 ? IA2_FN(count_up) : IA2_OPAQUE(_ZTSPFiiPvE, NULL);
    printf("end %d\n", (IA2_CALL(v, _ZTSPFiiPvE))(1, NULL));
    return 0;
}
IA2_NEED(table_call_kept)
IA2_NEED(table_combine)
IA2_NEED(table_each)
IA2_NEED(table_keep)
IA2_NEED(table_kept)
IA2_NEED(table_pick)
IA2_NEED(table_run)

#include <ia2.h>
#include <stdio.h>
#include <stdlib.h>
#include "keeper.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int secret = 3;
IA2_STATIC_FN(tripled, _ZTSPFiiE, main_c) static int tripled(int x) { return secret * x; } IA2_REGISTER_LOCAL(tripled, 0x6f4b268cb965fccf)
IA2_STATIC_FN_AS(through_pointer, _ZTSPFiPvE, main_c) static int through_pointer(int *p) { return *p * secret; } IA2_REGISTER_LOCAL(through_pointer, 0xdc56a85d5de92034)
IA2_STATIC_FN(negated, _ZTSPFiiE, main_c) static int negated(int x) { return -x; } IA2_REGISTER_LOCAL(negated, 0xe283a914bd730060)
static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

IA2_SHARED_DATA struct slots slots;
IA2_SHARED_DATA int number = 14;

__asm__(".text\n"
        "check_pkru:\n" ASSERT_PKRU(PKRU(1)) "movl $1, %eax\n"
        "ret\n");
int check_pkru(void);

int main(void)
{
    int values[3] = { 3, 1, 2 };
    unary_fn function = IA2_FN(tripled);

    slots.first = function;
    keeper_put(&slots);
    printf("run %d\n", keeper_run(&slots, 10));
    IA2_AS_PTR(slots.second) = NULL;
    printf("run %d\n", keeper_run(&slots, 10));
    slots.second = IA2_FN(negated);
    printf("call %d %d\n", IA2_CALL(slots.first, _ZTSPFiiE)(5), RUN(slots.second, 5));
    slots.any = IA2_CAST_AS(through_pointer, any_fn, _ZTSPFiPvE);
    printf("cast %d\n", keeper_any(slots.any, &number));
    slots.plain = IA2_IGNORE(negated);
    printf("plain %d\n", slots.plain(4));
    qsort(values, 3, sizeof values[0], IA2_IGNORE(compare));
    printf("sorted %d %d %d\n", values[0], values[1], values[2]);
    printf("no gate %d %d\n", keeper_inside(1), keeper_pkru() == ia2_get_pkru());
    printf("pkru %d\n", ia2_get_pkru() == 0 || ia2_get_pkru() == PKRU(1));
    printf("pkey %d\n", ia2_get_pkey() == 0 || ia2_get_pkey() == 1);
    printf("assert %d\n", check_pkru());
    return 0;
}
IA2_NEED(keeper_any)
IA2_NEED(keeper_put)
IA2_NEED(keeper_run)

#define IA2_DEBUG 1
#include <ia2.h>
#include <scrub_registers.h>
#include <stdio.h>
#include <stdlib.h>
#include "keeper.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static uint32_t factor = 3;
uint32_t scale(uint32_t a, uint32_t b) { return a * b * factor; }
IA2_DEFINE_WRAPPER(scale)

static void at_end(void) { puts("the end"); }
static int by_value(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

int main(int argc, char **argv)
{
    op_t op = keeper_op();
    int numbers[3] = { 30, 10, 20 };

    printf("%u\n", IA2_CALL(op, _ZTSPFjjjE)(1, 2));
    keeper_set(IA2_FN(scale));
    printf("%u %d\n", keeper_run(4, 5), keeper_holds(IA2_FN_ADDR(scale)));
    IA2_AS_PTR(op) = IA2_FN_ADDR(scale);
    printf("%u\n", CALL_OP(op, 2, 2));
    keeper_set(IA2_CAST(scale, op_t));
    printf("%u %d\n", keeper_run(1, 1), IA2_ADDR(op) == IA2_FN_ADDR(scale));
    IA2_AS_PTR(op) = NULL;
    printf("%d\n", IA2_ADDR(op) == NULL);
    keeper_set(op);
    printf("%u\n", keeper_run(1, 1));

    atexit(IA2_IGNORE(at_end));
    qsort(numbers, 3, sizeof *numbers, IA2_IGNORE(by_value));
    printf("%d %d\n", numbers[0], keeper_add_here(&numbers[1], 5));

    __asm__ volatile(ASSERT_PKRU(PKRU(1)));
    __asm__ volatile(ASSERT_PKRU(0xfffffff0) "" : "+r"(factor) : : "memory");
    if (argc > 1) {
        fflush(stdout);
        __asm__ volatile(ASSERT_PKRU(PKRU(2)));
    }
    /* Zero in the plain program, where every key is open. */
    printf("%d\n", ia2_get_pkru() == 0 || ia2_get_pkru() == (unsigned)PKRU(1));
    return 0;
}

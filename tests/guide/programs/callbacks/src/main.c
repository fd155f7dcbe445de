#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "engine.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static unsigned reports;
static void report(const char *what, uint32_t value)
{
    printf("%s %u (%u)\n", what, value, ++reports);
}

struct scale {
    int marks[2];
};

static int read_mark(const struct scale *scale, int at) { return scale->marks[at]; }

static uint32_t op_sub(uint32_t a, uint32_t b) { return a - b; }

static const uint32_t values[4] = { 2, 9, 4, 3 };
static bool wants_even(uint32_t value) { return value % 2 == 0; }
static struct hooks plain IA2_SHARED_DATA = { report, op_sub, wants_even, NULL };

static int ascending(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

int main(int argc, char **argv)
{
    binary_op add = engine_find("add");
    int order[3] = { 3, 1, 2 };
    struct hooks *more = shared_malloc(sizeof *more);

    printf("%u %u\n", add(20, 22), engine_find("mul")(6, 7));
    printf("%u\n", engine_find("other")(5, 5));
    printf("%u %u\n", engine_fold(add, values, 4), engine_fold(op_sub, values, 4));
    printf("%u\n", engine_fold(engine_find("none"), values, 4));
    printf("%d %d %d\n", engine_is_add(add), engine_is_add(op_sub), engine_find("none") == NULL);
    struct scale scale = { { 30, 12 } };
    printf("weighs %d\n", engine_weigh(&scale, read_mark));
    engine_register(&plain);
    memcpy(more, &plain, sizeof *more);
    more->combine = engine_find("mul");
    engine_register(more);
    engine_fire(8, 3);
    engine_fire(7, 3);
    more->report = NULL;
    plain.combine = NULL;
    engine_fire(8, 3);
    qsort(order, 3, sizeof *order, IA2_IGNORE(ascending));
    printf("%d %d %d %u\n", order[0], order[1], order[2], engine_compare_first(values));
    fflush(stdout);
    if (argc > 1) {
        static struct hooks unshared;
        unshared.report = report;
        engine_register(&unshared);
    }
    return 0;
}

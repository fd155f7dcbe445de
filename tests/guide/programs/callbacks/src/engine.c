#include <ia2.h>
#include <stdlib.h>
#include <string.h>
#include "ops.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static uint32_t op_add(uint32_t a, uint32_t b) { return a + b; }

static const struct {
    const char *name;
    binary_op op;
} table[] = { { "add", op_add }, { "mul", &op_mul }, { "none", NULL } };

static struct hooks *first;

binary_op engine_find(const char *name)
{
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++)
        if (!strcmp(table[i].name, name))
            return table[i].op;
    return engine_default;
}

uint32_t engine_fold(binary_op op, const uint32_t *values, unsigned count)
{
    uint32_t result = values[0];
    for (unsigned i = 1; i < count; i++)
        result = op ? APPLY(op, result, values[i]) : 0;
    return result;
}

int engine_weigh(const struct scale *scale, int (*read)(const struct scale *scale, int at))
{
    return read(scale, 0) + read(scale, 1);
}

void engine_register(struct hooks *hooks)
{
    hooks->next = first;
    first = hooks;
}

void engine_fire(uint32_t a, uint32_t b)
{
    EACH_HOOK(hook, first)
        if (hook->report && (!hook->wants || hook->wants(a)))
            hook->report("fired", hook->combine ? APPLY(hook->combine, a, b) : 0);
}

int engine_is_add(binary_op op) { return op == op_add; }

/* A callback for a function of the system's keeps its plain type. */
static int descending(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x < *y) - (*x > *y);
}

uint32_t engine_compare_first(const void *data)
{
    uint32_t copy[4];
    memcpy(copy, data, sizeof copy);
    qsort(copy, 4, sizeof *copy, descending);
    return copy[0];
}

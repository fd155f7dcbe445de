#include <ia2.h>
#include <stdlib.h>
#include <string.h>
#include "bar.h"
#include "foo.h"

#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static struct foo_sum *sum;

void foo_add(uint32_t value)
{
    if (!sum)
        sum = calloc(1, sizeof *sum);
    sum->total += value;
    sum->count++;
}

struct foo_sum foo_result(void)
{
    struct foo_sum result = *sum;
    result.mean = bar_mean(result.total, result.count);
    free(sum);
    sum = NULL;
    return result;
}

const char *foo_name(void)
{
    return "foo and bar";
}

long foo_copy(char *to, const char *from, size_t size)
{
    memcpy(to, from, size);
    return (long)size;
}

long foo_peek(const long *at)
{
    return *at;
}

void foo_poke(long *at, long value)
{
    *at = value;
}

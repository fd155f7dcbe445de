#include "core.h"
#include <stdio.h>
static const struct opt constant[] = { { "one", U32, {IA2_FN_ADDR(parse_u32)} }, { "two", STR, {IA2_FN_ADDR(parse_str)} } };

const struct opt *plugin_table(unsigned *n)
{
    (void)n;
    return constant;
} IA2_REGISTER(plugin_table, 0x8c8fa0f2c793f28)
IA2_NEED(parse_str)
IA2_NEED(parse_u32)

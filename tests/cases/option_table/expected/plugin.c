#include <ia2.h>
#include <stdio.h>
#include <string.h>
#include "core.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

IA2_STATIC_FN(parse_tuple, _ZTSPFvPcPvE, plugin_c) static void parse_tuple(char *text, void *out)
{
    int *t = *(int **)out;
    t[0] = text[0];
    t[1] = text[1];
} IA2_REGISTER_LOCAL(parse_tuple, 0x310fbacf10f0ee49)

static opts_t options IA2_SHARED_DATA
    = { { "name", STR, {IA2_FN_ADDR(parse_str)} }, { .name = "n", .kind = U32, .parse = {IA2_FN_ADDR(parse_u32)} },
          { "flag", BOOL, {IA2_FN_ADDR(parse_bool)} }, { "tuple", OTHER, {IA2_FN_ADDR(parse_tuple)} } };

struct opt *get_opt(const char *name)
{
    for (unsigned i = 0; i < 4; i++)
        if (!strcmp(options[i].name, name))
            return &options[i];
    return NULL;
} IA2_REGISTER(get_opt, 0xbe43bf60d305a456)

void print_tuple(void *p)
{
    int *t = p;
    printf("(%d, %d)\n", t[0], t[1]);
} IA2_REGISTER(print_tuple, 0xe865e85a6c508ef5)
IA2_NEED(parse_bool)
IA2_NEED(parse_str)
IA2_NEED(parse_u32)

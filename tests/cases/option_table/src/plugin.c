#include <ia2.h>
#include <stdio.h>
#include <string.h>
#include "core.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static void parse_tuple(char *text, void *out)
{
    int *t = *(int **)out;
    t[0] = text[0];
    t[1] = text[1];
}

static opts_t options IA2_SHARED_DATA
    = { { "name", STR, parse_str }, { .name = "n", .kind = U32, .parse = parse_u32 },
          { "flag", BOOL, &parse_bool }, { "tuple", OTHER, parse_tuple } };

struct opt *get_opt(const char *name)
{
    for (unsigned i = 0; i < 4; i++)
        if (!strcmp(options[i].name, name))
            return &options[i];
    return NULL;
}

void print_tuple(void *p)
{
    int *t = p;
    printf("(%d, %d)\n", t[0], t[1]);
}

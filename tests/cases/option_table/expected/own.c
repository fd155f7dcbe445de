#include <string.h>
#include <stdlib.h>
#include "core.h"
#include <stdio.h>

IA2_STATIC_FN(parse_array, _ZTSPFvPcPvE, own_c) static void parse_array(char *text, void *out)
{
    memcpy(*(char **)out, text, 3);
} IA2_REGISTER_LOCAL(parse_array, 0x7238ed8bd5e52cfc)
static struct opt options[2] = { { "array", OTHER, {IA2_FN_ADDR(parse_array)} }, { "m", U32, {IA2_FN_ADDR(parse_u32)} } };

struct opt *own_opt(const char *name)
{
    for (unsigned i = 0; i < 2; i++)
        if (!strcmp(options[i].name, name))
            return &options[i];
    return NULL;
}

void print_array(void *p)
{
    printf("%.3s\n", (char *)p);
}

void parse_bool(char *t, void *out)
{
    *(bool *)out = strcmp(t, "false");
} IA2_REGISTER(parse_bool, 0xf75d00df77ea9f18)

void parse_str(char *t, void *out)
{
    strcpy(*(char **)out, t);
} IA2_REGISTER(parse_str, 0x748d71445eed7e22)

void parse_u32(char *t, void *out)
{
    *(uint32_t *)out = strtol(t, NULL, 10);
} IA2_REGISTER(parse_u32, 0x1a012c83ca9a1399)

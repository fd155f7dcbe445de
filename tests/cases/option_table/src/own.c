#include <string.h>
#include <stdlib.h>
#include "core.h"
#include <stdio.h>

static void parse_array(char *text, void *out)
{
    memcpy(*(char **)out, text, 3);
}
static struct opt options[2] = { { "array", OTHER, parse_array }, { "m", U32, parse_u32 } };

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
}

void parse_str(char *t, void *out)
{
    strcpy(*(char **)out, t);
}

void parse_u32(char *t, void *out)
{
    *(uint32_t *)out = strtol(t, NULL, 10);
}

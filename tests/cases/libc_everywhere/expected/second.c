#define _GNU_SOURCE
#include <ia2.h>
#include "use.h"
#include "second.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int second_use(const char *program)
{
    char copy[256];
    int i = 0;
    for (; i < 255 && program[i]; i++)
        copy[i] = program[i];
    copy[i] = 0;
    return use_everything(copy, "second");
} IA2_REGISTER(second_use, 0xc0b293eceefdad6b)
int second_peek(const char *block) { return block[0]; } IA2_REGISTER(second_peek, 0xe37f5d394d8b7976)
IA2_REGISTER_LOCAL(alphasort, 0x16d032da71b8edf5)

#define _GNU_SOURCE
#include <ia2.h>
#include "use.h"
#include "open.h"

int open_use(const char *program)
{
    char copy[256];
    int i = 0;
    for (; i < 255 && program[i]; i++)
        copy[i] = program[i];
    copy[i] = 0;
    return use_everything(copy, "open");
} IA2_REGISTER(open_use, 0xa3a29f8d4dfd8be3)
IA2_REGISTER_LOCAL(alphasort, 0x16d032da71b8edf5)

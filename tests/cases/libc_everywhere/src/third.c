#define _GNU_SOURCE
#include <ia2.h>
#include "use.h"
#include "third.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

int third_use(const char *program)
{
    char copy[256];
    int i = 0;
    for (; i < 255 && program[i]; i++)
        copy[i] = program[i];
    copy[i] = 0;
    return use_everything(copy, "third");
}

#include <ia2.h>
#include <stdio.h>
#include <string.h>
#include "caller.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int secret = 6;
static int add(int x) { return x + secret; }
static long multiply(long a, long b) { return a * b * secret; }
int fits(int x) { return x - 1; }
IA2_SHARED_DATA struct box box = { add, multiply };
/* What a stub looks like: a hash, then code. */
IA2_SHARED_DATA unsigned long long fake[128];

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    unsigned long address;

    printf("call %d other %ld\n", caller_call(&box, 1), caller_other(&box, 2));
    fflush(stdout);
    memcpy(&address, &box.call, sizeof address);
    if (!strcmp(what, "null"))
        address = 0;
    if (!strcmp(what, "data")) {
        unsigned long aligned = ((unsigned long)fake + 511) & ~511ul;
        memcpy((void *)(aligned - 8), (void *)(address - 8), 8);
        address = aligned;
    }
    if (!strcmp(what, "code"))
        address = (unsigned long)IA2_IGNORE(fits);
    if (!strcmp(what, "type")) {
        memcpy(&address, &box.other, sizeof address);
    }
    if (!strcmp(what, "middle"))
        address += 16;
    memcpy(&box.call, &address, sizeof address);
    if (argc > 1)
        caller_call(&box, 1);
    return 0;
}

#include <ia2.h>
#include <stdio.h>
#include <string.h>
#include "caller.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int secret = 6;
IA2_STATIC_FN(add, _ZTSPFiiE, main_c) static int add(int x) { return x + secret; } IA2_REGISTER_LOCAL(add, 0xe27c744790dc4111)
IA2_STATIC_FN(multiply, _ZTSPFlllE, main_c) static long multiply(long a, long b) { return a * b * secret; } IA2_REGISTER_LOCAL(multiply, 0xf9f961cb8fe04de8)
int fits(int x) { return x - 1; } IA2_REGISTER(fits, 0x69e41367a6ca3ac7)
IA2_SHARED_DATA struct box box = { {IA2_FN_ADDR(add)}, {IA2_FN_ADDR(multiply)} };
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
IA2_NEED(caller_call)
IA2_NEED(caller_other)

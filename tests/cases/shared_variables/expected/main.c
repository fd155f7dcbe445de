#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include <stdlib.h>
#include "lib.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int factor = 3;
IA2_STATIC_FN(times, _ZTSPFiiE, main_c) static int times(int x) { return factor * x; } IA2_REGISTER_LOCAL(times, 0xd2ff69ae992d2055)
IA2_STATIC_FN(minus, _ZTSPFiiE, main_c) static int minus(int x) { return x - factor; } IA2_REGISTER_LOCAL(minus, 0x50b1a8296ffaa892)
static void say(const char *text) { puts(text); }
IA2_STATIC_FN(to_int, _ZTSPFiPKcE, main_c) static int to_int(const char *text) { return atoi(text) + factor; } IA2_REGISTER_LOCAL(to_int, 0x67383e79adc8f309)
/* Reachable from shared data, though no code of the library uses it. */
struct shared { converter convert; };

int main(void)
{
    struct logger logger = { say };
    struct hooks *hooks = shared_malloc(sizeof *hooks);
    struct shared *shared = shared_malloc(sizeof *shared);

    logger.log("plain");
    printf("run %d\n", lib_run(1));
    lib_level = 10;
    lib_hook = IA2_FN(times);
    lib_table[1] = IA2_FN(minus);
    lib_hooks.before = IA2_FN(times);
    printf("run %d\n", lib_run(1));
    printf("mine %d %d %d\n", IA2_CALL(lib_hook, _ZTSPFiiE)(2), IA2_CALL(lib_table[0], _ZTSPFiiE)(1), IA2_CALL(lib_hooks.after, _ZTSPFiiE)(2));
    printf("counts %d version %d\n", lib_counts[0], lib_version);
    hooks->before = IA2_FN(times);
    hooks->after = lib_hooks.after;
    lib_store(hooks);
    printf("stored %d\n", lib_stored(4));
    shared->convert = IA2_FN(to_int);
    printf("convert %d\n", IA2_CALL(shared->convert, _ZTSPFiPKcE)("12"));
    return 0;
}
IA2_NEED(lib_run)
IA2_NEED(lib_store)
IA2_NEED(lib_stored)

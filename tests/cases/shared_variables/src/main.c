#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include <stdlib.h>
#include "lib.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int factor = 3;
static int times(int x) { return factor * x; }
static int minus(int x) { return x - factor; }
static void say(const char *text) { puts(text); }
static int to_int(const char *text) { return atoi(text) + factor; }
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
    lib_hook = times;
    lib_table[1] = minus;
    lib_hooks.before = times;
    printf("run %d\n", lib_run(1));
    printf("mine %d %d %d\n", lib_hook(2), lib_table[0](1), lib_hooks.after(2));
    printf("counts %d version %d\n", lib_counts[0], lib_version);
    hooks->before = times;
    hooks->after = lib_hooks.after;
    lib_store(hooks);
    printf("stored %d\n", lib_stored(4));
    shared->convert = to_int;
    printf("convert %d\n", shared->convert("12"));
    return 0;
}

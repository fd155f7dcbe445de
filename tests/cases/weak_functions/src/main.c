#include <ia2.h>
#include <stdio.h>
#include <pthread.h>
#include "hooks.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>
#pragma weak lib_missing
#pragma weak lib_defined
#pragma weak pthread_create
int lib_missing(int x);
extern void *fast_malloc(size_t size) __attribute__((weak));

struct hooks { const char *name; hook_fn run; };
static hook_fn table[] = { hook_before, lib_defined, hook_main, hook_after };
static const struct hooks named[] = {
    { "before", hook_before }, { "lib", lib_defined }, { .name = "after", .run = hook_after }, { "main", hook_main },
    { "missing", lib_missing },
};
static hook_fn one = hook_after, *const where = &table[0];

int hook_main(int x)
{
    return x + 100;
}

static int mine(int x)
{
    return x + 1;
}

static int run(hook_fn hook, int x)
{
    return hook ? hook(x) : -1;
}

int main(void)
{
    hook_fn f = hook_before;
    hook_fn g = hook_after ? hook_after : mine;
    hook_fn h[2] = { hook_before, lib_defined };

    if (hook_before)
        printf("before %d\n", hook_before(1));
    if (&hook_after != NULL)
        printf("after %d\n", hook_after(1));
    if (f == NULL)
        printf("main %d, lib %d\n", hook_main(1), lib_defined(1));
    if (lib_missing)
        printf("missing %d\n", lib_missing(1));
    printf("%d %d %d\n", f != NULL, f == hook_before, !hook_before);
    printf("%d %d\n", lib_run(g, 3), lib_run(f ? f : mine, 4));
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        printf("table %zu: %d %d\n", i, table[i] != 0, run(table[i], 1));
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        printf("%s: %d\n", named[i].name, named[i].run ? lib_run(named[i].run, 1) : -1);
    printf("one %d, first %d, h %d %d\n", one == NULL, *where == NULL, h[0] == NULL, h[1] == NULL);
    printf("lib has %d %d\n", lib_has(0), lib_has(1));
    if (fast_malloc)
        fast_malloc(3);
    return pthread_create == 0;
}

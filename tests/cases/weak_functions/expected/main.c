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
static hook_fn table[] = { {IA2_FN_ADDR(hook_before)}, {IA2_FN_ADDR(lib_defined)}, {IA2_FN_ADDR(hook_main)}, {IA2_FN_ADDR(hook_after)} };
static const struct hooks named[] = {
    { "before", {IA2_FN_ADDR(hook_before)} }, { "lib", {IA2_FN_ADDR(lib_defined)} }, { .name = "after", .run = {IA2_FN_ADDR(hook_after)} }, { "main", {IA2_FN_ADDR(hook_main)} },
    { "missing", {IA2_FN_ADDR(lib_missing)} },
};
static hook_fn one = {IA2_FN_ADDR(hook_after)}, *const where = &table[0];

int hook_main(int x)
{
    return x + 100;
} IA2_REGISTER(hook_main, 0x4ff1f9e3905084d0)

IA2_STATIC_FN(mine, _ZTSPFiiE, main_c) static int mine(int x)
{
    return x + 1;
} IA2_REGISTER_LOCAL(mine, 0xf8757a4293a58a1a)

static int run(hook_fn hook, int x)
{
    return IA2_ADDR(hook) ? IA2_CALL(hook, _ZTSPFiiE)(x) : -1;
}

int main(void)
{
    hook_fn f = {IA2_FN_ADDR(hook_before)};
    hook_fn g = {IA2_FN_ADDR(hook_after) ? IA2_FN_ADDR(hook_after) : IA2_FN_ADDR(mine)};
    hook_fn h[2] = { {IA2_FN_ADDR(hook_before)}, {IA2_FN_ADDR(lib_defined)} };

    if (IA2_FN_ADDR(hook_before))
        printf("before %d\n", hook_before(1));
    if (IA2_FN_ADDR(hook_after) != NULL)
        printf("after %d\n", hook_after(1));
    if (IA2_ADDR(f) == NULL)
        printf("main %d, lib %d\n", hook_main(1), lib_defined(1));
    if (IA2_FN_ADDR(lib_missing))
        printf("missing %d\n", lib_missing(1));
    printf("%d %d %d\n", IA2_ADDR(f) != NULL, IA2_IDENTITY(f) == IA2_FN_IDENTITY(hook_before), !IA2_FN_ADDR(hook_before));
    printf("%d %d\n", lib_run(g, 3), lib_run(IA2_ADDR(f) ? f : IA2_FN(mine), 4));
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        printf("table %zu: %d %d\n", i, IA2_ADDR(table[i]) != 0, run(table[i], 1));
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        printf("%s: %d\n", named[i].name, IA2_ADDR(named[i].run) ? lib_run(named[i].run, 1) : -1);
    printf("one %d, first %d, h %d %d\n", IA2_ADDR(one) == NULL, IA2_ADDR(*where) == NULL, IA2_ADDR(h[0]) == NULL, IA2_ADDR(h[1]) == NULL);
    printf("lib has %d %d\n", lib_has(0), lib_has(1));
    if (fast_malloc)
        fast_malloc(3);
    return pthread_create == 0;
}
IA2_NEED(lib_defined)
IA2_NEED(lib_has)
IA2_NEED(lib_run)
IA2_REGISTER_LOCAL(hook_after, 0xde4cf53f5adf302f)
IA2_REGISTER_LOCAL(hook_before, 0xcac7087a10afef77)
IA2_REGISTER_LOCAL(lib_missing, 0xdcfde05e8cc4c806)

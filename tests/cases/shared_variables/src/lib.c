#include <ia2.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int lib_level = 1, lib_counts[2];
const int lib_version = 7;
hook_fn lib_hook;
static int plus(int x) { return x + lib_level; }
hook_fn lib_table[2] = { plus, NULL };
struct hooks lib_hooks = { .after = plus };
static void *stored;

int lib_run(int x)
{
    lib_counts[0]++;
    if (lib_hooks.before)
        x = lib_hooks.before(x);
    x = lib_hook ? lib_hook(x) : -x;
    for (int i = 0; i < 2; i++)
        x += lib_table[i] ? lib_table[i](i) : 0;
    return lib_hooks.after(x);
}
void lib_store(void *slot) { stored = slot; }
int lib_stored(int x)
{
    struct hooks *hooks = stored;
    return hooks->before(x) + hooks->after(x);
}

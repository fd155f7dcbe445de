#include <ia2.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

IA2_SHARED_DATA int lib_level = 1, lib_counts[2];
const int lib_version = 7;
IA2_SHARED_DATA hook_fn lib_hook;
IA2_STATIC_FN(plus, _ZTSPFiiE, lib_c) static int plus(int x) { return x + lib_level; } IA2_REGISTER_LOCAL(plus, 0x24fa141c34313654)
IA2_SHARED_DATA hook_fn lib_table[2] = { {IA2_FN_ADDR(plus)}, {NULL} };
IA2_SHARED_DATA struct hooks lib_hooks = { .after = {IA2_FN_ADDR(plus)} };
static void *stored;

int lib_run(int x)
{
    lib_counts[0]++;
    if (IA2_ADDR(lib_hooks.before))
        x = IA2_CALL(lib_hooks.before, _ZTSPFiiE)(x);
    x = IA2_ADDR(lib_hook) ? IA2_CALL(lib_hook, _ZTSPFiiE)(x) : -x;
    for (int i = 0; i < 2; i++)
        x += IA2_ADDR(lib_table[i]) ? IA2_CALL(lib_table[i], _ZTSPFiiE)(i) : 0;
    return IA2_CALL(lib_hooks.after, _ZTSPFiiE)(x);
} IA2_REGISTER(lib_run, 0x557f44daafd7034e)
void lib_store(void *slot) { stored = slot; } IA2_REGISTER(lib_store, 0x4758f79275b0a5e9)
int lib_stored(int x)
{
    struct hooks *hooks = stored;
    return IA2_CALL(hooks->before, _ZTSPFiiE)(x) + IA2_CALL(hooks->after, _ZTSPFiiE)(x);
} IA2_REGISTER(lib_stored, 0x5dd44f3aeaaf16c6)

#include <ia2.h>
#include "private.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int added = 7;
IA2_STATIC_FN(label, _ZTSPFiiE, lib_c) static int label(int x) __asm__("lib_static_label");
static int label(int x) { return x + added; } IA2_REGISTER_LOCAL(label, 0x15792b26d8b78d5a)

callback lib_get(int which)
{
    switch (which) {
    case 0: return IA2_FN(helper);
    case 1: return IA2_FN(internal);
    case 2: return IA2_FN(labelled);
    case 3: return IA2_FN(unexported);
    case 4: return IA2_FN(label);
    default: return table[which % 3];
    }
} IA2_REGISTER(lib_get, 0xbca0f845d5fae4c1)
int lib_run(callback f, int x) { return IA2_CALL(f, _ZTSPFiiE)(x) + internal(x) + unexported(x); } IA2_REGISTER(lib_run, 0xcf5c5ae88fe2e7d3)
int lib_named(int x) { return labelled(x) + helper(x); } IA2_REGISTER_LABELLED(lib_named, 0x2aea3787f039ba27, "lib_named_v2")
__attribute__((visibility("protected"))) int lib_protected(int x) { return x + added; } IA2_REGISTER(lib_protected, 0x71bce2137cfc1b0b)

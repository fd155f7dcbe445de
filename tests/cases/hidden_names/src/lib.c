#include <ia2.h>
#include "private.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int added = 7;
static int label(int x) __asm__("lib_static_label");
static int label(int x) { return x + added; }

callback lib_get(int which)
{
    switch (which) {
    case 0: return helper;
    case 1: return internal;
    case 2: return labelled;
    case 3: return unexported;
    case 4: return label;
    default: return table[which % 3];
    }
}
int lib_run(callback f, int x) { return f(x) + internal(x) + unexported(x); }
int lib_named(int x) { return labelled(x) + helper(x); }
__attribute__((visibility("protected"))) int lib_protected(int x) { return x + added; }

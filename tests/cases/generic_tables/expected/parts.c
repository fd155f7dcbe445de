#include <ia2.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
static int off = 5;
IA2_STATIC_FN(plus, _ZTSPFiiE, parts_c) static int plus(int x) { return x + off; } IA2_REGISTER_LOCAL(plus, 0x1e772f7343fb9b33)
IA2_STATIC_FN(add, _ZTSPFiiiE, parts_c) static int add(int a, int b) { return a + b + off; } IA2_REGISTER_LOCAL(add, 0x2ad245a5d21da146)
IA2_SHARED_DATA static struct ops ops = { "ops", {IA2_FN_ADDR(plus)}, {IA2_FN_ADDR(add)} };
struct ops *lib_ops(void) { return &ops; } IA2_REGISTER(lib_ops, 0xf4bb3d785e705deb)
int lib_run(fn f, int x) { return IA2_ADDR(f) ? IA2_CALL(f, _ZTSPFiiE)(x) : -1; } IA2_REGISTER(lib_run, 0xcf5c5ae88fe2e7d3)
fn lib_get(int which)
{
    fn v = {IA2_FN_ADDR(plus)};
    fn w = {IA2_FN_ADDR(plus)};
    fn z = {IA2_FN_ADDR(plus)}, y = {IA2_FN_ADDR(plus)};
    return which ? (IA2_OPAQUE(_ZTSPFiiE, IA2_ADDR(v) ?: IA2_ADDR(w))) : (IA2_ADDR(z) ? y : v);
}

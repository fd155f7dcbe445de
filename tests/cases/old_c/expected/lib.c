#include <ia2.h>
#include <ia2_allocator.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
static o = 7;
IA2_STATIC_FN_AS(add, _ZTSPFiE, lib_c) static add(x) { return x + o; } IA2_REGISTER_LOCAL(add, 0xed1fc0bfb3f892f4)
IA2_STATIC_FN_AS(sub, _ZTSPFiE, lib_c) static int sub(x, y) int x, y; { return x - y; } IA2_REGISTER_LOCAL(sub, 0xcb1875c88dc25e40)
cb lib_get(k) { return k ? (cb){IA2_FN_ADDR_AS(add, _ZTSPFiE)} : (cb){IA2_FN_ADDR_AS(sub, _ZTSPFiE)}; } IA2_REGISTER(lib_get, 0x16e2dbce75e419fe)
int lib_run(f, x) cb f; { return (IA2_CALL_WITH(f, _ZTSPFiE, i))(x); } IA2_REGISTER(lib_run, 0x189b75f660f7c49b)
int lib_both(f, g, n) struct IA2_fnptr__ZTSPFiE f; struct IA2_fnptr__ZTSPFiE *g; register int n; { return (IA2_CALL_WITH(f, _ZTSPFiE, i))(n) + ((IA2_CALL_WITH(*g, _ZTSPFiE, ii)))(n, 1); } IA2_REGISTER(lib_both, 0x86c6470d4bdab822)
IA2_STATIC_FN(hello, _ZTSPFvE, lib_c) static void hello() { o++; } IA2_REGISTER_LOCAL(hello, 0x3997d0073655de2a)
vcb lib_hello() { return IA2_FN(hello); } IA2_REGISTER(lib_hello, 0xd5c273af41fc04f0)
IA2_SHARED_DATA static struct entry entries[] = { { {IA2_FN_ADDR_AS(add, _ZTSPFiE)}, "add", {IA2_FN_ADDR_AS(sub, _ZTSPFiE)} }, { {0}, "zero" }, { (cb){0}, 0, {0} } };
struct entry *lib_entries() { return entries; } IA2_REGISTER(lib_entries, 0x53bf8422fa2f8868)
int lib_each(cb f, int n) { register i, s = 0; for (i = 0; i < n; i++) s += IA2_CALL_WITH(f, _ZTSPFiE, i)(i); return s; } IA2_REGISTER(lib_each, 0xa8439fee44941e8d)

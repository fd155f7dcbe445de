#include <ia2.h>
#include <ia2_allocator.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
static o = 7;
static add(x) { return x + o; }
static int sub(x, y) int x, y; { return x - y; }
cb lib_get(k) { return k ? (cb)add : (cb)sub; }
int lib_run(f, x) cb f; { return (*f)(x); }
int lib_both(f, g, n) int (*f)(), (**g)(); register int n; { return (*f)(n) + (*(*g))(n, 1); }
static void hello() { o++; }
vcb lib_hello() { return hello; }
IA2_SHARED_DATA static struct entry entries[] = { { add, "add", sub }, { 0, "zero" }, { (cb)0, 0, 0 } };
struct entry *lib_entries() { return entries; }
int lib_each(cb f, int n) { register i, s = 0; for (i = 0; i < n; i++) s += f(i); return s; }

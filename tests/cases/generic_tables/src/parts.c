#include <ia2.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
static int off = 5;
static int plus(int x) { return x + off; }
static int add(int a, int b) { return a + b + off; }
IA2_SHARED_DATA static struct ops ops = { "ops", plus, add };
struct ops *lib_ops(void) { return &ops; }
int lib_run(fn f, int x) { return f ? f(x) : -1; }
fn lib_get(int which)
{
    fn v = (plus);
    fn w = (*plus);
    fn z = (&plus), y = (**plus);
    return which ? (v ?: w) : (z ? y : v);
}

#include <ia2.h>
#include <string.h>
#include "parts.h"
#include "codes.h"              /* and again below */
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int same_int(int x) { return x; }
static long same_long(long x) { return x; }
#define CAT_(a, b) a##_##b
#define CAT(a, b) CAT_(a, b)
#define NAME(x) CAT(x, T)
#define T int
#include "sum.inc.c"
#undef T
#define T long
#include "sum.inc.c"
#undef T

#define OP(name, f) static int f(int);
#include "ops.def"
#undef OP
static const struct {
    const char *name;
    int_fn f;
} ops[] = {
#define OP(name, f) { #name, f },
#include "ops.def"
#undef OP
};
static int op_twice(int x) { return 2 * x; }
static int op_next(int x) { return x + 1; }
int_fn lib_op(const char *name)
{
    for (unsigned i = 0; i < sizeof ops / sizeof ops[0]; i++)
        if (!strcmp(ops[i].name, name))
            return ops[i].f;
    return 0;
}

#define PREFIX(x) narrow_##x
#define KIND "narrow"
#define STEP 1
#include "scan.inc.c"
#undef PREFIX
#undef KIND
#undef STEP
#define PREFIX(x) wide_##x
#define KIND "wide"
#define STEP 2
#define WIDE 10
#include "scan.inc.c"
int lib_scan(int encoding, const char *text, int (*report)(const char *kind, int at))
{
    int (*const scans[])(const char *, int (*)(const char *, int)) = { narrow_scan, wide_scan };
    return scans[encoding](text, report);
}
#define CODE(code, text) text,
const char *const code_texts[] = {
#include "codes.h"
};
int lib_check(struct reporter *r, int value)
{
    if (value < 3)
        REPORT(r, CODE_SMALL, value);
    else if (value > 5)
        REPORT(r, CODE_BIG, value);
    return r->last;
}
int lib_line(void) { return __LINE__; }

#include <ia2.h>
#include <string.h>
#include "parts.h"
#include "codes.h"              /* and again below */
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

IA2_STATIC_FN(same_int, _ZTSPFiiE, parts_c) static int same_int(int x) { return x; } IA2_REGISTER_LOCAL(same_int, 0xe99475423e3097e2)
IA2_STATIC_FN(same_long, _ZTSPFllE, parts_c) static long same_long(long x) { return x; } IA2_REGISTER_LOCAL(same_long, 0x101d1b6803b0d686)
#define CAT_(a, b) a##_##b
#define CAT(a, b) CAT_(a, b)
#define NAME(x) CAT(x, T)
#define T int
#line 1 "sum.inc.c"
/* A template: T and NAME are what they are where it is included. */
T NAME(lib_sum)(const T *v, int n, struct IA2_fnptr__ZTSPFiiE f)
{
    struct IA2_fnptr__ZTSPFiiE step = {IA2_ADDR(f) ? IA2_ADDR(f) : IA2_FN_ADDR(same_int)}; T sum = 0;
    for (int i = 0; i < n; i++)
        sum += IA2_CALL(step, _ZTSPFiiE)(v[i]);
    return IA2_IDENTITY(step) == IA2_FN_IDENTITY(same_int) ? -sum : sum;
} IA2_REGISTER(lib_sum_int, 0x5ad1f5358b90b43b)
#line 15 "parts.c"
#undef T
#define T long
#line 1 "sum.inc.c"
/* A template: T and NAME are what they are where it is included. */
T NAME(lib_sum)(const T *v, int n, struct IA2_fnptr__ZTSPFllE f)
{
    struct IA2_fnptr__ZTSPFllE step = {IA2_ADDR(f) ? IA2_ADDR(f) : IA2_FN_ADDR(same_long)}; T sum = 0;
    for (int i = 0; i < n; i++)
        sum += IA2_CALL(step, _ZTSPFllE)(v[i]);
    return IA2_IDENTITY(step) == IA2_FN_IDENTITY(same_long) ? -sum : sum;
} IA2_REGISTER(lib_sum_long, 0x483986fc3d01efc7)
#line 18 "parts.c"
#undef T

#define OP(name, f) static int f(int);
#line 1 "ops.def"
/* A list of operations, read once for declarations and once for the table. */
IA2_STATIC_FN(op_twice, _ZTSPFiiE, parts_c) OP(twice, op_twice)
IA2_STATIC_FN(op_next, _ZTSPFiiE, parts_c) OP(next, op_next)
#line 22 "parts.c"
#undef OP
static const struct {
    const char *name;
    int_fn f;
} ops[] = {
#define OP(name, f) { #name, f },
#line 1 "ops.def"
/* A list of operations, read once for declarations and once for the table. */
OP(twice, {IA2_FN_ADDR(op_twice)})
OP(next, {IA2_FN_ADDR(op_next)})
#line 29 "parts.c"
#undef OP
};
static int op_twice(int x) { return 2 * x; } IA2_REGISTER_LOCAL(op_twice, 0xadd043e6c7d4dbae)
static int op_next(int x) { return x + 1; } IA2_REGISTER_LOCAL(op_next, 0x3de6eb978e738cfd)
int_fn lib_op(const char *name)
{
    for (unsigned i = 0; i < sizeof ops / sizeof ops[0]; i++)
        if (!strcmp(ops[i].name, name))
            return ops[i].f;
    return IA2_OPAQUE(_ZTSPFiiE, 0);
} IA2_REGISTER(lib_op, 0xc63acdf269359f3a)

#define PREFIX(x) narrow_##x
#define KIND "narrow"
#define STEP 1
#line 1 "scan.inc.c"
struct PREFIX(state) {
    const char *text;
    struct IA2_fnptr__ZTSPFiPKciE report;
};
static int PREFIX(letter)(struct PREFIX(state) * state, int at)
{
    return IA2_ADDR(state->report) ? IA2_CALL(state->report, _ZTSPFiPKciE)(KIND, at) : 0;
}
static int PREFIX(other)(struct PREFIX(state) * state, int at)
{
    (void)state;
    return at;
}
#ifdef WIDE
static int PREFIX(skip)(struct PREFIX(state) * state, int at) { return PREFIX(other)(state, at + WIDE); }
#endif
static int PREFIX(scan)(const char *text, struct IA2_fnptr__ZTSPFiPKciE report)
{
    static int (*const table[])(struct PREFIX(state) *, int) = {
        PREFIX(letter),
        PREFIX(other),
#ifdef WIDE
        PREFIX(skip),
#endif
    };
    struct PREFIX(state) state = { text, report };
    int sum = 0;
    for (int i = 0; text[i]; i += STEP)
        sum += table[i % (sizeof table / sizeof table[0])](&state, __LINE__ * 0 + i);
    return sum;
}
#line 45 "parts.c"
#undef PREFIX
#undef KIND
#undef STEP
#define PREFIX(x) wide_##x
#define KIND "wide"
#define STEP 2
#define WIDE 10
#line 1 "scan.inc.c"
struct PREFIX(state) {
    const char *text;
    struct IA2_fnptr__ZTSPFiPKciE report;
};
static int PREFIX(letter)(struct PREFIX(state) * state, int at)
{
    return IA2_ADDR(state->report) ? IA2_CALL(state->report, _ZTSPFiPKciE)(KIND, at) : 0;
}
static int PREFIX(other)(struct PREFIX(state) * state, int at)
{
    (void)state;
    return at;
}
#ifdef WIDE
static int PREFIX(skip)(struct PREFIX(state) * state, int at) { return PREFIX(other)(state, at + WIDE); }
#endif
static int PREFIX(scan)(const char *text, struct IA2_fnptr__ZTSPFiPKciE report)
{
    static int (*const table[])(struct PREFIX(state) *, int) = {
        PREFIX(letter),
        PREFIX(other),
#ifdef WIDE
        PREFIX(skip),
#endif
    };
    struct PREFIX(state) state = { text, report };
    int sum = 0;
    for (int i = 0; text[i]; i += STEP)
        sum += table[i % (sizeof table / sizeof table[0])](&state, __LINE__ * 0 + i);
    return sum;
}
#line 53 "parts.c"
int lib_scan(int encoding, const char *text, struct IA2_fnptr__ZTSPFiPKciE report)
{
    int (*const scans[])(const char *, struct IA2_fnptr__ZTSPFiPKciE) = { narrow_scan, wide_scan };
    return scans[encoding](text, report);
} IA2_REGISTER(lib_scan, 0x55503ed26ca6e022)
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
} IA2_REGISTER(lib_check, 0xefc9a4534b3b15fa)
int lib_line(void) { return __LINE__; } IA2_REGISTER(lib_line, 0xf84afd77c7d8df90)

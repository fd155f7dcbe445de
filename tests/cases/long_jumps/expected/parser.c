#include <ia2.h>
#include <string.h>
#include "inner.h"
#include "parser.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int runs;

int parser_run(int depth, error_function on_error)
{
    char space[3000];
    memset(space, depth, sizeof space);
    runs++;
    if (depth > 0)
        return parser_run(depth - 1, on_error) + space[7];
    IA2_CALL(on_error, _ZTSPFvvE)();
    return space[2999];
} IA2_REGISTER(parser_run, 0x120ff103a42a2f3c)
int parser_fail(jmp_buf *where, int depth)
{
    char space[3000];
    memset(space, depth, sizeof space);
    /* For gcc, which otherwise warns that this never returns. */
    if (depth == 100)
        return 0;
    if (depth > 0)
        return parser_fail(where, depth - 1) + space[7];
    longjmp(*where, 5);
} IA2_REGISTER(parser_fail, 0x97c5a5db45e3a017)
int parser_sum(int x) { return x + runs; } IA2_REGISTER(parser_sum, 0x470afb39bcdcd737)
int parser_retry(int times)
{
    jmp_buf own;
    volatile int tries = 0;
    if (setjmp(own) < times) {
        tries++;
        longjmp(own, tries);
    }
    return tries;
} IA2_REGISTER(parser_retry, 0x31262714ac98fc98)
int parser_through_inner(jmp_buf *where)
{
    inner_fail(where);
    return 1;
} IA2_REGISTER(parser_through_inner, 0xb2e3b9ababaee939)
IA2_NEED(inner_fail)

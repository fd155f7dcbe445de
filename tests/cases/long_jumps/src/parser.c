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
    on_error();
    return space[2999];
}
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
}
int parser_sum(int x) { return x + runs; }
int parser_retry(int times)
{
    jmp_buf own;
    volatile int tries = 0;
    if (setjmp(own) < times) {
        tries++;
        longjmp(own, tries);
    }
    return tries;
}
int parser_through_inner(jmp_buf *where)
{
    inner_fail(where);
    return 1;
}

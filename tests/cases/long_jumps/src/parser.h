#include <setjmp.h>
typedef void (*error_function)(void);
int parser_run(int depth, error_function on_error);
int parser_fail(jmp_buf *where, int depth);
int parser_sum(int x);
int parser_retry(int times);
int parser_through_inner(jmp_buf *where);

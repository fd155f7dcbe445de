#include <assert.h>
#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include <stdlib.h>
#include "lib.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int factor = 3;
static int times(int x) { return factor * x; }
static int same(int x) { return x; }
static void *shared_alloc(size_t size) { return shared_malloc(size); }

#define CALL(f, x) f(x)
#define BARE(op, x) (op ? op(x) : -1)
#define STRING(x) #x
#define SHOW(e) printf("%s = %d\n", #e, (e) != 0)
#define HANDLERS(a, b) { a, b }
#define DEFAULT times
#define RUN(what) what(1)
#define MAYBE(c, f) ((c) ? (f) : NULL)
#define EACH(i, n, body) for (int i = 0; i < n; i++) { body; }
#define ASSIGN(to, from) do { if (from) to = from; } while (0)
#define CHECK_AND_CALL(p) do { if (p) printf("called %d\n", p(3)); else puts("none"); } while (0)
#define PAIR_OF(T)                                                                                 \
    struct T##_pair { T *first; int (*compare)(T *, T *); };                                       \
    static int T##_compare(T *a, T *b) { return *a - *b; }                                         \
    static int T##_pair_run(struct T##_pair *pair, T *other) { return pair->compare(pair->first, other); }
PAIR_OF(int)
PAIR_OF(char)

int main(void)
{
    struct parser *parser = shared_calloc(1, sizeof *parser);
    const char **names = shared_calloc(2, sizeof *names);
    fn *out = shared_calloc(2, sizeof *out), list[2] = HANDLERS(same, DEFAULT), op = DEFAULT, none = 0;
    int one = 1, two = 2, i = 0;
    char c1 = 1, c2 = 3;
    struct int_pair ints = { &two, int_compare };
    struct char_pair chars = { &c2, char_compare };

    parser->memory.alloc = shared_alloc;
    parser->memory.release = shared_free;
    HANDLER(parser, 0) = times;
    parser->handlers[1] = lib_default();
    printf("run %d\n", lib_run(parser, 2));
    SET_ERROR(parser, same);
    HANDLER(parser, 1) = NULL;
    printf("run %d\n", lib_run(parser, 2));
    SET_ERROR(parser, op);
    HANDLER(parser, 0) = SENTINEL;
    printf("sentinel %d %d\n", parser->handlers[0] == SENTINEL, op == SENTINEL);
    HANDLER(parser, 0) = none;
    printf("run %d\n", lib_run(parser, 2));
    SET_ERROR(parser, NULL);
    printf("spelled %d sum %d\n", lib_spelled()(1), lib_sum(times));
    for (int n = lib_events(names, out); n-- > 0;)
        printf("event %s %d\n", names[n], out[n](1));

    printf("call %d %d %d\n", CALL(op, 2), CALL(same, 3), CALL(out[0], 4));
    printf("apply %d %d %d\n", APPLY(op, 2), APPLY(list[1], 3), APPLY(none, 1));
    printf("bare %d %d %s\n", BARE(op, 2), BARE(none, 3), STRING(op));
    SHOW(op);
    SHOW(none);
    SHOW(op == times);
    CHECK_AND_CALL(op);
    CHECK_AND_CALL(none);
    CHECK_AND_CALL(HANDLER(parser, 0));
    printf("run %d %d\n", RUN(op), RUN(same));
    printf("pairs %d %d\n", int_pair_run(&ints, &one), char_pair_run(&chars, &c1));
    none = MAYBE(i == 0, times);
    printf("maybe %d %d\n", none(1), MAYBE(i, op) == NULL);
    EACH(k, 2, printf("each %d\n", op(k)));
    ASSIGN(none, op);
    assert(none);
    assert(none == times && op(1));
    printf("default %d %d\n", DEFAULT(1), none == DEFAULT);
    none = ON_COMMAND_LINE;
    printf("command line %d %d\n", none(2), VIA(op));
    printf("lines %d %d\n", APPLY(op, __LINE__), BARE(
                                                    op,
                                                    1));
    printf("line %d\n", __LINE__);
    return 0;
}

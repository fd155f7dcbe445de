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
IA2_STATIC_FN(times, _ZTSPFiiE, main_c) static int times(int x) { return factor * x; } IA2_REGISTER_LOCAL(times, 0xd2ff69ae992d2055)
IA2_STATIC_FN(same, _ZTSPFiiE, main_c) static int same(int x) { return x; } IA2_REGISTER_LOCAL(same, 0xc486b49c7a04d9f3)
IA2_STATIC_FN(shared_alloc, _ZTSPFPvmE, main_c) static void *shared_alloc(size_t size) { return shared_malloc(size); } IA2_REGISTER_LOCAL(shared_alloc, 0x3c8e82584f54f818)

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
    fn *out = shared_calloc(2, sizeof *out), list[2] = HANDLERS({IA2_FN_ADDR(same)}, {IA2_FN_ADDR(times)}), op = {IA2_FN_ADDR(times)}, none = {0};
    int one = 1, two = 2, i = 0;
    char c1 = 1, c2 = 3;
    struct int_pair ints = { &two, int_compare };
    struct char_pair chars = { &c2, char_compare };

    parser->memory.alloc = IA2_FN(shared_alloc);
    parser->memory.release = IA2_FN(shared_free);
    HANDLER(parser, 0) = IA2_FN(times);
    parser->handlers[1] = lib_default();
    printf("run %d\n", lib_run(parser, 2));
    SET_ERROR(parser, IA2_FN(same));
    IA2_AS_PTR(parser->handlers[1]) = NULL;
    printf("run %d\n", lib_run(parser, 2));
    SET_ERROR(parser, op);
    HANDLER(parser, 0) = ((fn){(void *)(-1)});
    printf("sentinel %d %d\n", IA2_ADDR(parser->handlers[0]) == SENTINEL, IA2_ADDR(op) == SENTINEL);
    HANDLER(parser, 0) = none;
    printf("run %d\n", lib_run(parser, 2));
    (IA2_AS_PTR((parser)->memory.on_error) = (NULL));
    printf("spelled %d sum %d\n", IA2_CALL(lib_spelled(), _ZTSPFiiE)(1), lib_sum(IA2_FN(times)));
    for (int n = lib_events(names, out); n-- > 0;)
        printf("event %s %d\n", names[n], IA2_CALL(out[n], _ZTSPFiiE)(1));

    printf("call %d %d %d\n", CALL(IA2_CALL(op, _ZTSPFiiE), 2), CALL(same, 3), CALL(IA2_CALL(out[0], _ZTSPFiiE), 4));
    printf("apply %d %d %d\n", APPLY(op, 2), APPLY(list[1], 3), APPLY(none, 1));
    printf("bare %d %d %s\n", (IA2_ADDR(op) ? IA2_CALL(op, _ZTSPFiiE)(2) : -1), (IA2_ADDR(none) ? IA2_CALL(none, _ZTSPFiiE)(3) : -1), STRING(op));
    printf("%s = %d\n", "op", (IA2_ADDR(op)) != 0);
    printf("%s = %d\n", "none", (IA2_ADDR(none)) != 0);
    printf("%s = %d\n", "op == times", (IA2_IDENTITY(op) == IA2_FN_IDENTITY(times)) != 0);
    do { if (IA2_ADDR(op)) printf("called %d\n", IA2_CALL(op, _ZTSPFiiE)(3)); else puts("none"); } while (0);
    do { if (IA2_ADDR(none)) printf("called %d\n", IA2_CALL(none, _ZTSPFiiE)(3)); else puts("none"); } while (0);
    do { if (IA2_ADDR(parser->handlers[0])) printf("called %d\n", IA2_CALL(parser->handlers[0], _ZTSPFiiE)(3)); else puts("none"); } while (0);
    printf("run %d %d\n", RUN(IA2_CALL(op, _ZTSPFiiE)), RUN(same));
    printf("pairs %d %d\n", int_pair_run(&ints, &one), char_pair_run(&chars, &c1));
    none = ((i == 0) ? IA2_FN(times) : IA2_OPAQUE(_ZTSPFiiE, NULL));
    printf("maybe %d %d\n", IA2_CALL(none, _ZTSPFiiE)(1), ((i) ? (IA2_ADDR(op)) : NULL) == NULL);
    EACH(k, 2, printf("each %d\n", IA2_CALL(op, _ZTSPFiiE)(k)));
    do { if (IA2_ADDR(op)) none = op; } while (0);
    assert(IA2_ADDR(none));
    assert(IA2_IDENTITY(none) == IA2_FN_IDENTITY(times) && IA2_CALL(op, _ZTSPFiiE)(1));
    printf("default %d %d\n", DEFAULT(1), IA2_IDENTITY(none) == IA2_FN_IDENTITY(times));
    none = IA2_FN(times);
    printf("command line %d %d\n", IA2_CALL(none, _ZTSPFiiE)(2), IA2_CALL(op, _ZTSPFiiE)(4));
    printf("lines %d %d\n", APPLY(op, __LINE__), (IA2_ADDR(op) ? IA2_CALL(op, _ZTSPFiiE)(1) : -1)

);
    printf("line %d\n", __LINE__);
    return 0;
}
IA2_NEED(lib_default)
IA2_NEED(lib_events)
IA2_NEED(lib_run)
IA2_NEED(lib_spelled)
IA2_NEED(lib_sum)
IA2_REGISTER_LOCAL(shared_free, 0x5592bf640ff299a8)

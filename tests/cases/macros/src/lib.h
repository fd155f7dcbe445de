#ifndef LIB_H
#define LIB_H
#include <stddef.h>

#define LIB_API __attribute__((visibility("default")))
#define CALLBACK(result, name, parameters) result (*name) parameters
#define OF(parameters) parameters

typedef int (*fn)(int);
typedef void *(*alloc_fn) OF((size_t size));
typedef CALLBACK(void, free_fn, (void *));
struct memory {
    alloc_fn alloc;
    free_fn release;
    CALLBACK(int, on_error, (int));
};
struct parser {
    struct memory memory;
    fn handlers[2];
};

#define MALLOC(parser, size) (parser->memory.alloc((size)))
#define FREE(parser, p) (parser->memory.release((p)))
#define HANDLER(parser, i) parser->handlers[i]
#define APPLY(op, x) ((op) ? (op)(x) : 0)
#define SET_ERROR(parser, f) ((parser)->memory.on_error = (f))
#define SENTINEL ((fn)-1)

#define EVENTS(X) X(open, 1) X(close, 2)

LIB_API int lib_run(struct parser *parser, int x);
LIB_API fn lib_default(void);
LIB_API int (*lib_spelled(void))(int);
LIB_API int lib_sum(fn f);
int lib_events(const char **names, fn *out);
#endif

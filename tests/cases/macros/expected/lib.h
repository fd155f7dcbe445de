#ifndef LIB_H
#define LIB_H
#include <stddef.h>

#define LIB_API __attribute__((visibility("default")))
#define CALLBACK(result, name, parameters) result (*name) parameters
#define OF(parameters) parameters

typedef struct IA2_fnptr__ZTSPFiiE fn;
typedef struct IA2_fnptr__ZTSPFPvmE alloc_fn;
typedef struct IA2_fnptr__ZTSPFvPvE free_fn;
struct memory {
    alloc_fn alloc;
    free_fn release;
    struct IA2_fnptr__ZTSPFiiE on_error;
};
struct parser {
    struct memory memory;
    fn handlers[2];
};

#define MALLOC(parser, size) (IA2_CALL(parser->memory.alloc, _ZTSPFPvmE)((size)))
#define FREE(parser, p) (IA2_CALL(parser->memory.release, _ZTSPFvPvE)((p)))
#define HANDLER(parser, i) parser->handlers[i]
#define APPLY(op, x) (IA2_ADDR((op)) ? IA2_CALL((op), _ZTSPFiiE)(x) : 0)
#define SET_ERROR(parser, f) ((parser)->memory.on_error = (f))
#define SENTINEL (IA2_ADDR((fn){(void *)(-1)}))

#define EVENTS(X) X(open, 1) X(close, 2)

LIB_API int lib_run(struct parser *parser, int x);
LIB_API fn lib_default(void);
LIB_API struct IA2_fnptr__ZTSPFiiE lib_spelled(void);
LIB_API int lib_sum(fn f);
int lib_events(const char **names, fn *out);
#endif

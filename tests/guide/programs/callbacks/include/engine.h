#ifndef ENGINE_H
#define ENGINE_H
#include <stdbool.h>
#include <stdint.h>

typedef uint32_t (*binary_op)(uint32_t, uint32_t);
typedef void (*report_fn)(const char *what, uint32_t value);

/* The type's first use is a const one. */
struct scale;
int engine_weigh(const struct scale *scale, int (*read)(const struct scale *scale, int at));

struct hooks {
    report_fn report;
    binary_op combine;
    bool (*const wants)(uint32_t value);
    struct hooks *next;
};

#define APPLY(op, a, b) ((op)(a, b))
#define EACH_HOOK(h, list) for (struct hooks *h = (list); h; h = h->next)

binary_op engine_find(const char *name);
uint32_t engine_fold(binary_op op, const uint32_t *values, unsigned count);
void engine_register(struct hooks *hooks);
void engine_fire(uint32_t a, uint32_t b);
int engine_is_add(binary_op op);
uint32_t engine_compare_first(const void *data);
#endif

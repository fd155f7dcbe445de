#ifndef FOO_H
#define FOO_H
#include <stddef.h>
#include <stdint.h>

/* Sums what is added. */
struct foo_sum {
    uint64_t total;
    double mean;
    unsigned count;
};

void foo_add(uint32_t value);
struct foo_sum foo_result(void);
const char *foo_name(void);
long foo_copy(char *to, const char *from, size_t size);

/* What a bug in the library might do. */
long foo_peek(const long *at);
void foo_poke(long *at, long value);
#endif

#ifndef PARTS_H
#define PARTS_H
#include <stdint.h>
#include <string.h>

/* Calls that change nothing in floating point. */
void main_called(void);

/* Each rounds upward, calls main_called, and divides. */
uint64_t library_third(void);
uint64_t direct_third(void);
uint64_t finder_third(void);

/* Divides by zero, calls main_called, and says whether that was noticed. */
int looker_sees(void);

/* The bits of 1/3 as the rounding mode makes them. */
static inline uint64_t third(void)
{
    /* Volatile, so that compilers divide here and not after the next change of the mode. */
    volatile double one = 1, three = 3, quotient = one / three;
    double value = quotient;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}
#endif

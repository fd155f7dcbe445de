#ifndef TALLY_H
#define TALLY_H

#include <stdarg.h>

struct pair {
    char letter;
    double value;
};

/* The sum of so many integers. */
int tally_sum(int count, ...);
/* Formats into memory of its own and returns how long the text is. */
int tally_text(const char *format, ...);
/* The character with this number of the last text. */
int tally_letter(int index);
/* `count` structures, then a letter. */
double tally_pairs(int count, ...);

#define TALLY(...) tally_sum(__VA_ARGS__)
#define SAY(...) (void)tally_text(__VA_ARGS__)

/* Pointers to such functions, both ways. */
typedef int visitor(const char *what, ...);
int tally_visit(visitor *visit);
typedef int counter(int count, ...);
counter *tally_counter(void);

/* Without a prototype. */
double tally_old();
typedef double old_function();
double tally_call_old(old_function *function);

#endif

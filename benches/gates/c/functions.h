/*
 * functions.h - the functions that are called. Each exists twice: in compartment 2, and in the
 * caller's own compartment with the prefix own_.
 */
#ifndef FUNCTIONS_H
#define FUNCTIONS_H

struct block {
    long words[8];
};

#define FUNCTIONS(F)                                                                               \
    F(int, none, (void))                                                                           \
    F(int, two, (int a, int b))                                                                    \
    F(int, six, (int a, int b, int c, int d, int e, int f))                                        \
    F(int, nine, (int a, int b, int c, int d, int e, int f, int g, int h, int i))                  \
    F(struct block, both, (struct block block))                                                    \
    F(double, real, (double x))

#define DECLARE(result, name, parameters) result name parameters;
FUNCTIONS(DECLARE)

#endif

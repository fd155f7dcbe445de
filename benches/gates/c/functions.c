/* functions.c - compartment 2. */
#include "functions.h"

int none(void)
{
    return 1;
}

int two(int a, int b)
{
    return a + b;
}

int six(int a, int b, int c, int d, int e, int f)
{
    return a + b + c + d + e + f;
}

int nine(int a, int b, int c, int d, int e, int f, int g, int h, int i)
{
    return a + b + c + d + e + f + g + h + i;
}

struct block both(struct block block)
{
    block.words[0]++;
    return block;
}

double real(double x)
{
    return x + 1;
}

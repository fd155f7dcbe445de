#include <ia2.h>
#include "calc.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static unsigned calls;

void calc_reset(void) { calls = 0; }
int calc_add(int a, int b)
{
    calls++;
    return a + b;
}
unsigned char calc_bytes(signed char a, unsigned char b, short c, bool d)
{
    calls++;
    return a + b + c + d;
}
int64_t calc_six(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f)
{
    calls++;
    return a + 10 * b + 100 * c + 1000 * d + 10000 * e + 100000 * f;
}
int64_t calc_ten(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f, int64_t g,
                 int64_t h, int64_t i, int64_t j)
{
    calls++;
    return calc_six(a, b, c, d, e, f) + 1000000 * g + 10000000 * h + 100000000 * i + 1000000000 * j;
}
float calc_float(float a, float b)
{
    calls++;
    return a / b;
}
double calc_double(double a, int n, double b)
{
    calls++;
    return a * n + b;
}
long double calc_long_double(long double a, int n)
{
    calls++;
    return a / n;
}
double calc_nine(double a, double b, double c, double d, double e, double f, double g, double h,
                 double i)
{
    calls++;
    return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8 + i * 9;
}
enum colour calc_next(enum colour c)
{
    calls++;
    return c == RED ? GREEN : BLUE;
}
const char *calc_text(size_t n)
{
    static const char *const texts[] = { "zero", "one", "many" };
    calls++;
    return texts[n > 2 ? 2 : n];
}
struct pair calc_swap(struct pair p)
{
    struct pair q = { p.b, p.a };
    calls++;
    return q;
}
struct mixed calc_mixed(struct mixed m, int by)
{
    struct mixed r = { m.d * by, m.n + by };
    calls++;
    return r;
}
struct big calc_big(struct big b, int by)
{
    int i;
    calls++;
    for (i = 0; i < 6; i++)
        b.values[i] *= by + i;
    return b;
}
unsigned calc_calls(void) { return calls; }

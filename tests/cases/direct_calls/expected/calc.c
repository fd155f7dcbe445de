#include <ia2.h>
#include "calc.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static unsigned calls;

void calc_reset(void) { calls = 0; } IA2_REGISTER(calc_reset, 0x4af5d8c2cc027ebc)
int calc_add(int a, int b)
{
    calls++;
    return a + b;
} IA2_REGISTER(calc_add, 0xcaee9d06b78a5047)
unsigned char calc_bytes(signed char a, unsigned char b, short c, bool d)
{
    calls++;
    return a + b + c + d;
} IA2_REGISTER(calc_bytes, 0xbcd7519da2130b6a)
int64_t calc_six(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f)
{
    calls++;
    return a + 10 * b + 100 * c + 1000 * d + 10000 * e + 100000 * f;
} IA2_REGISTER(calc_six, 0xf246801b09b9670b)
int64_t calc_ten(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f, int64_t g,
                 int64_t h, int64_t i, int64_t j)
{
    calls++;
    return calc_six(a, b, c, d, e, f) + 1000000 * g + 10000000 * h + 100000000 * i + 1000000000 * j;
} IA2_REGISTER(calc_ten, 0xdfd8350eacda05e8)
float calc_float(float a, float b)
{
    calls++;
    return a / b;
} IA2_REGISTER(calc_float, 0xc1c33e765b2f1462)
double calc_double(double a, int n, double b)
{
    calls++;
    return a * n + b;
} IA2_REGISTER(calc_double, 0xe9c6000906f16cb0)
long double calc_long_double(long double a, int n)
{
    calls++;
    return a / n;
} IA2_REGISTER(calc_long_double, 0xe81775d2d04987b8)
double calc_nine(double a, double b, double c, double d, double e, double f, double g, double h,
                 double i)
{
    calls++;
    return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8 + i * 9;
} IA2_REGISTER(calc_nine, 0xf5ba410ba1519cd2)
enum colour calc_next(enum colour c)
{
    calls++;
    return c == RED ? GREEN : BLUE;
} IA2_REGISTER(calc_next, 0x2afb5ad12c24e195)
const char *calc_text(size_t n)
{
    static const char *const texts[] = { "zero", "one", "many" };
    calls++;
    return texts[n > 2 ? 2 : n];
} IA2_REGISTER(calc_text, 0x69e585b50b657d80)
struct pair calc_swap(struct pair p)
{
    struct pair q = { p.b, p.a };
    calls++;
    return q;
} IA2_REGISTER(calc_swap, 0x1d6b5570c2777ba1)
struct mixed calc_mixed(struct mixed m, int by)
{
    struct mixed r = { m.d * by, m.n + by };
    calls++;
    return r;
} IA2_REGISTER(calc_mixed, 0xe4555cb2835c4849)
struct big calc_big(struct big b, int by)
{
    int i;
    calls++;
    for (i = 0; i < 6; i++)
        b.values[i] *= by + i;
    return b;
} IA2_REGISTER(calc_big, 0xad03e46477515f8a)
unsigned calc_calls(void) { return calls; } IA2_REGISTER(calc_calls, 0xae11783bca910837)

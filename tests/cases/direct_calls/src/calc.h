#ifndef CALC_H
#define CALC_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum colour { RED, GREEN = 40, BLUE };
struct pair { int32_t a, b; };
struct mixed { double d; long n; };
struct big { long values[6]; };

void calc_reset(void);
int calc_add(int a, int b);
unsigned char calc_bytes(signed char a, unsigned char b, short c, bool d);
int64_t calc_six(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f);
int64_t calc_ten(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f, int64_t g,
                 int64_t h, int64_t i, int64_t j);
float calc_float(float a, float b);
double calc_double(double a, int n, double b);
long double calc_long_double(long double a, int n);
double calc_nine(double a, double b, double c, double d, double e, double f, double g, double h,
                 double i);
enum colour calc_next(enum colour c);
const char *calc_text(size_t n);
struct pair calc_swap(struct pair p);
struct mixed calc_mixed(struct mixed m, int by);
struct big calc_big(struct big b, int by);
unsigned calc_calls(void);
#endif

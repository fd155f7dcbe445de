#include <ia2.h>
#include <inttypes.h>
#include <stdio.h>
#include "calc.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

int main(void)
{
    struct pair p = { 3, -4 };
    struct mixed m = { 1.25, -7 };
    struct big b = { { 1, 2, 3, 4, 5, -6 } };
    int i;

    calc_reset();
    printf("add %d\n", calc_add(2, -3));
    printf("bytes %d\n", calc_bytes(-1, 255, -32768, true));
    printf("six %" PRId64 "\n", calc_six(1, 2, 3, 4, 5, 6));
    printf("ten %" PRId64 "\n", calc_ten(1, 2, 3, 4, 5, 6, 7, 8, 9, -1));
    printf("float %g\n", calc_float(1, 3));
    printf("double %g\n", calc_double(1.5, -2, 0.25));
    printf("long double %Lg\n", calc_long_double(10, 4));
    printf("nine %g\n", calc_nine(1, 2, 3, 4, 5, 6, 7, 8, 9));
    printf("enum %d %d\n", calc_next(RED), calc_next(GREEN));
    printf("text %s %s\n", calc_text(1), calc_text(9));
    p = calc_swap(p);
    printf("pair %d %d\n", p.a, p.b);
    m = calc_mixed(m, 4);
    printf("mixed %g %ld\n", m.d, m.n);
    b = calc_big(b, 10);
    printf("big");
    for (i = 0; i < 6; i++)
        printf(" %ld", b.values[i]);
    printf("\ncalls %u\n", calc_calls());
    return 0;
}

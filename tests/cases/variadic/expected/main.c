#include "tally.h"

#include <ia2.h>
#include <stdio.h>
#include <string.h>

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

IA2_STATIC_FN(visited, _ZTSPFiPKczE, main_c) static int visited(const char *what, ...)
{
    va_list list;
    int result = 1;
    va_start(list, what);
    if (strcmp(what, "number") == 0)
        result = va_arg(list, int);
    else if (strcmp(what, "both") == 0) {
        result = va_arg(list, int);
        result += va_arg(list, double) != 1.0;
    }
    va_end(list);
    return result;
} IA2_REGISTER_LOCAL(visited, 0x8285a5245004a0c7)

IA2_STATIC_FN_AS(halved, _ZTSPFdE, main_c) static double halved(count, factor)
int count;
double factor;
{
    return count * factor / 2;
} IA2_REGISTER_LOCAL(halved, 0xa134203b4a184203)

static void print_text(int length)
{
    printf("text ");
    for (int i = 0; i < length; i++)
        putchar(tally_letter(i));
    putchar('\n');
}

/* As headers of portable libraries do. */
#define tally_all tally_sum

int main(void)
{
    printf("sum %d\n", IA2_VARIADIC(tally_sum, iii)(3, 10, 20, 30) + IA2_VARIADIC(tally_sum, v)(0));
    printf("alias %d\n", IA2_VARIADIC(tally_all, ii)(2, 3, 4));
    print_text(IA2_VARIADIC(tally_text, ild)("%d of %s at %.2f", 7, "seven", 1.5));
    SAY("%s", "x");
    print_text(1);
    struct pair a = {'a', 1.25}, d = {'d', 3.0};
    printf("struct %d %.2f %c\n", 3, IA2_VARIADIC(tally_pairs, 4pair4pairie)(2, a, d, 'z', -4.0L), 'z');
    printf("many %d\n", IA2_VARIADIC(tally_sum, iiiiiiiiiiiiiiiiiiii)(20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
                                  19, 20));
    printf("old %.0f %.2f\n", tally_old(4, 3.0), tally_call_old(IA2_OPAQUE(_ZTSPFdE, IA2_FN_ADDR_AS(halved, _ZTSPFdE))) * 2);
    printf("back %d\n", tally_visit(IA2_FN(visited)));
    struct IA2_fnptr__ZTSPFiizE count = tally_counter();
    printf("counted %d %d\n", IA2_CALL_WITH(count, _ZTSPFiizE, ii)(2, 40, 2), IA2_CALL_WITH(count, _ZTSPFiizE, i)(1, 1));
    return 0;
}
IA2_NEED(tally_call_old)
IA2_NEED(tally_counter)
IA2_NEED(tally_letter)
IA2_NEED(tally_old)
IA2_NEED(tally_pairs)
IA2_NEED(tally_sum)
IA2_NEED(tally_text)
IA2_NEED(tally_visit)

#include "tally.h"

#include <ia2.h>
#include <stdio.h>
#include <string.h>

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int visited(const char *what, ...)
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
}

static double halved(count, factor)
int count;
double factor;
{
    return count * factor / 2;
}

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
    printf("sum %d\n", tally_sum(3, 10, 20, 30) + TALLY(0));
    printf("alias %d\n", tally_all(2, 3, 4));
    print_text(tally_text("%d of %s at %.2f", 7, "seven", 1.5));
    SAY("%s", "x");
    print_text(1);
    struct pair a = {'a', 1.25}, d = {'d', 3.0};
    printf("struct %d %.2f %c\n", 3, tally_pairs(2, a, d, 'z', -4.0L), 'z');
    printf("many %d\n", tally_sum(20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
                                  19, 20));
    printf("old %.0f %.2f\n", tally_old(4, 3.0), tally_call_old(halved) * 2);
    printf("back %d\n", tally_visit(visited));
    counter *count = tally_counter();
    printf("counted %d %d\n", count(2, 40, 2), count(1, 1));
    return 0;
}

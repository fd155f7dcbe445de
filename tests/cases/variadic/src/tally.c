#include "tally.h"

#include <ia2.h>
#include <stdio.h>
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static char text[200];

int tally_sum(int count, ...)
{
    va_list list;
    int sum = 0;
    va_start(list, count);
    for (int i = 0; i < count; i++)
        sum += va_arg(list, int);
    va_end(list);
    return sum;
}

int tally_text(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int length = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return length;
}

int tally_letter(int index)
{
    return text[index];
}

double tally_pairs(int count, ...)
{
    va_list list;
    double sum = 0;
    va_start(list, count);
    for (int i = 0; i < count; i++) {
        struct pair pair = va_arg(list, struct pair);
        sum += pair.value + (pair.letter - 'a');
    }
    sum += va_arg(list, int) == 'z';
    sum += (double)va_arg(list, long double);
    va_end(list);
    return sum;
}

int tally_visit(visitor *visit)
{
    int seen = visit("nothing");
    seen += visit("number", 10);
    return seen + visit("both", 100, 1.0);
}

counter *tally_counter(void)
{
    return tally_sum;
}

double tally_old(count, factor)
int count;
double factor;
{
    /* A call inside the compartment needs no gate. */
    return count * factor + TALLY(2, 1, -1);
}

double tally_call_old(old_function *function)
{
    return function(5, 0.5);
}

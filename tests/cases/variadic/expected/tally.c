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
} IA2_REGISTER(tally_sum, 0x4e26fb5f2f3ba28)

int tally_text(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int length = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return length;
} IA2_REGISTER(tally_text, 0xfe4b0d2790609fe)

int tally_letter(int index)
{
    return text[index];
} IA2_REGISTER(tally_letter, 0x1c67d0381a903f61)

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
} IA2_REGISTER(tally_pairs, 0xb42a873021329f43)

int tally_visit(struct IA2_fnptr__ZTSPFiPKczE visit)
{
    int seen = IA2_CALL_WITH(visit, _ZTSPFiPKczE, v)("nothing");
    seen += IA2_CALL_WITH(visit, _ZTSPFiPKczE, i)("number", 10);
    return seen + IA2_CALL_WITH(visit, _ZTSPFiPKczE, id)("both", 100, 1.0);
} IA2_REGISTER(tally_visit, 0x1571c38de0ecbb91)

struct IA2_fnptr__ZTSPFiizE tally_counter(void)
{
    return IA2_FN(tally_sum);
} IA2_REGISTER(tally_counter, 0x6e03f2d839bdcb65)

double tally_old(count, factor)
int count;
double factor;
{
    /* A call inside the compartment needs no gate. */
    return count * factor + tally_sum(2, 1, -1);
} IA2_REGISTER(tally_old, 0xd8dc2063fd6a7f76)

double tally_call_old(struct IA2_fnptr__ZTSPFdE function)
{
    return IA2_CALL_WITH(function, _ZTSPFdE, id)(5, 0.5);
} IA2_REGISTER(tally_call_old, 0xff945c93b994659a)

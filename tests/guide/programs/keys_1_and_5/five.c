#include <ia2.h>
#include "five.h"
#define IA2_COMPARTMENT 5
#include <ia2_compartment_init.inc>

static int own[4] = { 5, 5, 5, 5 };

int five_map(int *values, int count, five_op op)
{
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum += values[i] = op(values[i]);
    return sum;
}

static int times_five(int x) { return x * own[0]; }
five_op five_get(void) { return times_five; }
int *five_array(void) { return own; }
unsigned five_rights(void) { return ia2_get_pkey() == 0 || ia2_get_pkey() == 5; }

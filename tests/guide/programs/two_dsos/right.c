#include <ia2.h>
#include "sides.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
static int level = 10;
int right_rise(int by)
{
    /* A call, a read and a write inside of the compartment. */
    left_level += left_rise(by);
    return level += left_level;
}
int *right_level(void) { return &level; }

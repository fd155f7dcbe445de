#include <ia2.h>
#include "sides.h"
#define IA2_COMPARTMENT 2
#define IA2_COMPARTMENT_LIBRARIES "libright.so"
#include <ia2_compartment_init.inc>

int left_work(int x)
{
    int local = x + right_secret;
    right_count++;
    return right_work(&local) + local;
}

#include <ia2.h>
#include <stdio.h>
#include "sides.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>
int main(int argc, char **argv)
{
    printf("%d\n", left_rise(1));
    printf("%d\n", right_rise(2));
    fflush(stdout);
    if (argc > 1)
        *right_level() = 0;
    return 0;
}

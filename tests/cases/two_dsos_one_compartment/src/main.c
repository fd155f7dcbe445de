#include <ia2.h>
#include <stdio.h>
#include "sides.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

int main(int argc, char **argv)
{
    printf("left %d\n", left_work(3));
    printf("left %d\n", left_work(4));
    printf("calls %d\n", right_calls());
    fflush(stdout);
    if (argc > 1)
        printf("secret %d\n", right_secret);
    return 0;
}

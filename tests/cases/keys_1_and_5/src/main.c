#include <ia2.h>
#include <stdio.h>
#include "five.h"

INIT_RUNTIME(5);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int one = 1;
static int add(int x) { return x + one; }

int main(int argc, char **argv)
{
    printf("call %d\n", five_call(add, 3));
    fflush(stdout);
    if (argc > 1)
        printf("secret %d\n", *five_address());
    return 0;
}

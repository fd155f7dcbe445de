#include <ia2.h>
#include <stdio.h>
#include "five.h"

INIT_RUNTIME(5);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int one = 1;
IA2_STATIC_FN(add, _ZTSPFiiE, main_c) static int add(int x) { return x + one; } IA2_REGISTER_LOCAL(add, 0xe27c744790dc4111)

int main(int argc, char **argv)
{
    printf("call %d\n", five_call(IA2_FN(add), 3));
    fflush(stdout);
    if (argc > 1)
        printf("secret %d\n", *five_address());
    return 0;
}
IA2_NEED(five_address)
IA2_NEED(five_call)

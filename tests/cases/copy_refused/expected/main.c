#include <ia2.h>
#include <stdio.h>

INIT_RUNTIME(1);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

int main(void)
{
    fputs("hello\n", stdout);
    return 0;
}

#include <ia2.h>
#include <stdio.h>
#include "lib.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

int main(void)
{
    printf("%d\n", lib_add(1, 2));
    puts(prebuilt_signal() ? "handled" : "not handled");
    prebuilt_exit(0);
    return 1;
}
IA2_NEED(lib_add)

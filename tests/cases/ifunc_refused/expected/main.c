#include <ia2.h>
#include <stdio.h>
#include "chooser.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

int main(void)
{
    printf("%d\n", chooser_run(4));
    return 0;
}
IA2_NEED(chooser_run)

#include <ia2.h>
#include "calls.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

int main(int argc, char **argv)
{
    (void)argv;
    print_targets(1);
    lib_start();
    open_start();
    if (argc > 1)
        return *(char *)lib_block();
    return 0;
}

#include <ia2.h>
#include <stdio.h>
#include "store.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

int main(int count, char **arguments)
{
    int own = count > 2 ? atoi(arguments[1]) : 0, stores = count > 2 ? atoi(arguments[2]) : 0;
    for (int round = 0; round < 3; round++)
        printf("main %d MiB, store %d MiB\n", limit_here(own), store_limit(stores));
    return 0;
}

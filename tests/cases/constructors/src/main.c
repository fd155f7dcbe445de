#include <ia2.h>
#include <stdio.h>
#include <stdlib.h>
#include "parts.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

int main_secret = 5;
static int prepared;

__attribute__((constructor)) static void prepare(int argc, char **argv, char **environment)
{
    prepared = argc + (argv[0] != NULL) + (environment[0] != NULL) + main_secret;
    base_log("main constructor");
}
__attribute__((destructor)) static void finish(void)
{
    printf("main destructor %d\n", prepared);
    base_log("main destructor");
}

int main(void)
{
    printf("main %d %d\n", prepared, base_count());
    return hostile_idle() == 77;
}

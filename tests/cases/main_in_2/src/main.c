#include <ia2.h>
#include <stdio.h>
#include "first.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int secret = 5;
int second_pkey(void) { return 100 + secret; }

int main(int argc, char **argv)
{
    printf("next %d\n", first_next());
    printf("next %d\n", first_next());
    fflush(stdout);
    return argc > 1 ? first_peek(&secret) - secret : 0;
}

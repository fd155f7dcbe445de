#include <ia2.h>
#include <stdio.h>
#include "lib.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int k = 3;
static int times(int x) { return x * k; }
/* Namesakes of functions that the library hides. */
int internal(int x) { return x * 1000 + k; }
HIDDEN int helper(int x) { return x + k; }

int main(void)
{
    for (int i = 0; i < 9; i++)
        printf("%d ", lib_get(i)(i));
    printf("\n%d %d %d\n", lib_run(times, 2), lib_run(internal, 2), lib_run(helper, 2));
    printf("%d %d\n", lib_named(3), lib_protected(1));
    callback f = lib_named, g = lib_protected;
    printf("%d %d %d %d\n", f(1), g(1), lib_statics(0)(4), lib_statics(1)(4));
    return f != lib_named;
}

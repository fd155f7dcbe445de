#include <ia2.h>
#include <stdio.h>
#include "lib.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int step(int x) { return x + 1; }
int program_answer(int x) { return x * 3; }

int main(void)
{
    printf("main %d ", lib_visit(step, 3) + 10);
    printf("%d\n", lib_visit(program_answer, 2));
    return 0;
}

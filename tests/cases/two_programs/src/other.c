#include <ia2.h>
#include <stdio.h>
#include "lib.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int step(int x) { return x + 100; }
int program_answer(int x) { return x * 20; }

int main(void)
{
    printf("other %d ", lib_visit(step, 3) + 8);
    printf("%d\n", lib_visit(program_answer, 2));
    return 0;
}

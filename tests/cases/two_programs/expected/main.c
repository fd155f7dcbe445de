#include <ia2.h>
#include <stdio.h>
#include "lib.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

IA2_STATIC_FN(step, _ZTSPFiiE, main_c) static int step(int x) { return x + 1; } IA2_REGISTER_LOCAL(step, 0xdbb59f0e3864292a)
int program_answer(int x) { return x * 3; } IA2_REGISTER(program_answer, 0xf0c495e2fe5854d5)

int main(void)
{
    printf("main %d ", lib_visit(IA2_FN(step), 3) + 10);
    printf("%d\n", lib_visit(IA2_FN(program_answer), 2));
    return 0;
}
IA2_NEED(lib_visit)

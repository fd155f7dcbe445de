#include "sounds.h"

#include <ia2.h>
#include <stdio.h>

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

int main(void)
{
    int (*volatile measure)(int, int) = area;
    printf("label %d\n", area(3, 4));
    printf("alias %d\n", surface(3, 4));
    printf("weak %d\n", perimeter(3, 4));
    printf("hidden %d %d\n", shapes_count(3), sounds_count(3));
    printf("static %d %d\n", shapes_step()(4), sounds_step()(4));
    printf("pointer %d ", measure(3, 4));
    measure = perimeter;
    printf("%d\n", measure(3, 4));
    return 0;
}

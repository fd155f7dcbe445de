#include <ia2.h>
#include <stdio.h>
#include "names.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int factor = 3;
static int times(int x) { return factor * x; }
static int renamed(int x) __asm__("main_renamed");
static int renamed(int x) { return times(x) + 1; }

int main(void)
{
    fn f = first_call;

    printf("calls %d %d %d\n", first_call(1), f(2), f == first_call);
    printf("apply %d %d\n", first_apply(times, 4), first_apply(renamed, 4));
    printf("get %d\n", first_get()(5));
    printf("helpers %d %d %d\n", helper(1), second_call(1), second_helper()(1));
    return 0;
}

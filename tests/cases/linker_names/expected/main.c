#include <ia2.h>
#include <stdio.h>
#include "names.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int factor = 3;
IA2_STATIC_FN(times, _ZTSPFiiE, main_c) static int times(int x) { return factor * x; } IA2_REGISTER_LOCAL(times, 0xd2ff69ae992d2055)
IA2_STATIC_FN(renamed, _ZTSPFiiE, main_c) static int renamed(int x) __asm__("main_renamed");
static int renamed(int x) { return times(x) + 1; } IA2_REGISTER_LOCAL(renamed, 0x5c3dc37f4c1f705a)

int main(void)
{
    fn f = {IA2_FN_ADDR(first_call)};

    printf("calls %d %d %d\n", first_call(1), IA2_CALL(f, _ZTSPFiiE)(2), IA2_IDENTITY(f) == IA2_FN_IDENTITY(first_call));
    printf("apply %d %d\n", first_apply(IA2_FN(times), 4), first_apply(IA2_FN(renamed), 4));
    printf("get %d\n", IA2_CALL(first_get(), _ZTSPFiiE)(5));
    printf("helpers %d %d %d\n", helper(1), second_call(1), IA2_CALL(second_helper(), _ZTSPFiiE)(1));
    return 0;
}
IA2_NEED(first_apply)
IA2_NEED(first_call)
IA2_NEED(first_get)
IA2_NEED(helper)
IA2_NEED(second_call)
IA2_NEED(second_helper)

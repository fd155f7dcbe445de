#include <ia2.h>
#include <stdio.h>
#include "lib.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int k = 3;
IA2_STATIC_FN(times, _ZTSPFiiE, main_c) static int times(int x) { return x * k; } IA2_REGISTER_LOCAL(times, 0xd2ff69ae992d2055)
/* Namesakes of functions that the library hides. */
int internal(int x) { return x * 1000 + k; } IA2_REGISTER(internal, 0x8faeb364b6cdd863)
HIDDEN int helper(int x) { return x + k; } IA2_REGISTER_LOCAL(helper, 0xf2f2a8d29f0bd90f)

int main(void)
{
    for (int i = 0; i < 9; i++)
        printf("%d ", IA2_CALL(lib_get(i), _ZTSPFiiE)(i));
    printf("\n%d %d %d\n", lib_run(IA2_FN(times), 2), lib_run(IA2_FN(internal), 2), lib_run(IA2_FN(helper), 2));
    printf("%d %d\n", lib_named(3), lib_protected(1));
    callback f = {IA2_FN_ADDR(lib_named)}, g = {IA2_FN_ADDR(lib_protected)};
    printf("%d %d %d %d\n", IA2_CALL(f, _ZTSPFiiE)(1), IA2_CALL(g, _ZTSPFiiE)(1), IA2_CALL(lib_statics(0), _ZTSPFiiE)(4), IA2_CALL(lib_statics(1), _ZTSPFiiE)(4));
    return IA2_IDENTITY(f) != IA2_FN_IDENTITY(lib_named);
}
IA2_NEED(lib_get)
IA2_NEED(lib_named)
IA2_NEED(lib_protected)
IA2_NEED(lib_run)
IA2_NEED(lib_statics)

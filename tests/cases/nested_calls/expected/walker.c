#include "parts.h"

#include <ia2.h>

#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

IA2_STATIC_FN(minus, _ZTSPFllE, walker_c) static long minus(long n) { return -n; } IA2_REGISTER_LOCAL(minus, 0xc97bbb1c3d901f57)

long walker_thrice(struct IA2_fnptr__ZTSPFllE f, long n)
{
    struct IA2_fnptr__ZTSPFllE own = {IA2_FN_ADDR(minus)};
    struct IA2_fnptr__ZTSPFlllE sum = steps_sum();
    return IA2_CALL(sum, _ZTSPFlllE)(IA2_CALL(f, _ZTSPFllE)(IA2_CALL(f, _ZTSPFllE)(IA2_CALL(f, _ZTSPFllE)(n))), IA2_CALL(own, _ZTSPFllE)(IA2_CALL(own, _ZTSPFllE)(IA2_CALL(f, _ZTSPFllE)(IA2_CALL(own, _ZTSPFllE)(IA2_CALL(f, _ZTSPFllE)(n))))) + IA2_CALL(sum, _ZTSPFlllE)(n, IA2_CALL(sum, _ZTSPFlllE)(n, n)));
} IA2_REGISTER(walker_thrice, 0xf015698030117bdc)
IA2_NEED(steps_sum)

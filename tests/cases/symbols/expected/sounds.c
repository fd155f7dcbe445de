#include "sounds.h"

#include <ia2.h>
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

__attribute__((visibility("hidden"))) int count(int n)
{
    return 10 * n;
}

IA2_STATIC_FN(next, _ZTSPFiiE, sounds_c) static int next(int n)
{
    return 10 * (n + 1);
} IA2_REGISTER_LOCAL(next, 0x16c6d0aa9535cae)

struct IA2_fnptr__ZTSPFiiE sounds_step(void)
{
    return IA2_FN(next);
} IA2_REGISTER(sounds_step, 0x87600fc42870d866)

int sounds_count(int n)
{
    return count(n);
} IA2_REGISTER(sounds_count, 0x31bde623fb3f3983)

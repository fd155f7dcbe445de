#include "parts.h"

#include <ia2.h>

#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

IA2_STATIC_FN(up, _ZTSPFllE, steps_c) static long up(long n) { return n + 1; } IA2_REGISTER_LOCAL(up, 0x6bf8b0a85e64569e)
IA2_STATIC_FN(twice, _ZTSPFllE, steps_c) static long twice(long n) { return 2 * n; } IA2_REGISTER_LOCAL(twice, 0xf3b1ea013248ade)
IA2_STATIC_FN(sum, _ZTSPFlllE, steps_c) static long sum(long a, long b) { return a + b; } IA2_REGISTER_LOCAL(sum, 0xaff57a9e28d7fe67)

struct IA2_fnptr__ZTSPFllE steps_up(void) { return IA2_FN(up); } IA2_REGISTER(steps_up, 0xa5c0b4e67be83c65)
struct IA2_fnptr__ZTSPFllE steps_twice(void) { return IA2_FN(twice); } IA2_REGISTER(steps_twice, 0x6b972b7212d04739)
struct IA2_fnptr__ZTSPFlllE steps_sum(void) { return IA2_FN(sum); } IA2_REGISTER(steps_sum, 0xfc2fdd03780a78b8)

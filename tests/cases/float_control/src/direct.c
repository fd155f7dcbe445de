#include "parts.h"

#include <ia2.h>
#include <xmmintrin.h>

#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

uint64_t direct_third(void)
{
    _MM_SET_ROUNDING_MODE(_MM_ROUND_UP);
    main_called();
    uint64_t bits = third();
    _MM_SET_ROUNDING_MODE(_MM_ROUND_NEAREST);
    return bits;
}

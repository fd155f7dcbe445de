#include "parts.h"

#include <fenv.h>
#include <ia2.h>

#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

uint64_t library_third(void)
{
    fesetround(FE_UPWARD);
    main_called();
    uint64_t bits = third();
    fesetround(FE_TONEAREST);
    return bits;
} IA2_REGISTER(library_third, 0x70d58b53d9b67109)
IA2_NEED(main_called)

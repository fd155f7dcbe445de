#include "parts.h"

#include <fenv.h>
#include <ia2.h>

#define IA2_COMPARTMENT 5
#include <ia2_compartment_init.inc>

int looker_sees(void)
{
    volatile double one = 1, zero = 0, quotient;
    feclearexcept(FE_ALL_EXCEPT);
    quotient = one / zero;
    main_called();
    (void)quotient;
    return fetestexcept(FE_DIVBYZERO) != 0;
} IA2_REGISTER(looker_sees, 0x340da46a24a14fb5)
IA2_NEED(main_called)

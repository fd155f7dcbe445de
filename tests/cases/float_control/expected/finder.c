#define _GNU_SOURCE
#include "parts.h"

#include <dlfcn.h>
#include <fenv.h>
#include <ia2.h>

#define IA2_COMPARTMENT 4
#include <ia2_compartment_init.inc>

uint64_t finder_third(void)
{
    int (*set)(int) = (int (*)(int))dlsym(RTLD_DEFAULT, "fesetround");
    if (!set)
        return 0;
    set(FE_UPWARD);
    main_called();
    uint64_t bits = third();
    set(FE_TONEAREST);
    return bits;
} IA2_REGISTER(finder_third, 0xf60e814567a1b26)
IA2_NEED(main_called)

#include <ia2.h>
#include <stdio.h>
#include <stdlib.h>
#include "parts.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

static int seen;
__attribute__((constructor)) static void early(void)
{
    base_log("hostile constructor");
    if (getenv("ATTACK"))
        seen = main_secret;
}
int hostile_idle(void) { return seen; }

#include <ia2.h>
#include "plug.h"

#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static _Thread_local int calls = 40;

int plug_count(int step)
{
    calls += step;
    return calls;
}
IA2_DEFINE_WRAPPER(plug_count);

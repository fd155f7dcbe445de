#include <ia2.h>
#include "spy.h"

#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int guest_secret = 47;

int guest_read(const int *address)
{
    return *address;
} IA2_REGISTER(guest_read, 0xa6203886a4e89ca5)
IA2_DEFINE_WRAPPER(guest_read);

#include <ia2.h>
#include "parts.h"
#include <byteswap.h>
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
#define WHO "lib"
#include "body.h"
void lib_sorting(void) { sorting(); }
void lib_files(void) { files(); }
void lib_threads(void) { threads(); }
void lib_loader(void) { loader(); }
void lib_streams(void) { streams(); }
void lib_late(void) { late(); }

/* A static function of a system header, which each compartment has its own of. */
static unsigned short (*own_swap)(unsigned short) = __bswap_16;
unsigned lib_swapped(unsigned short (*swap)(unsigned short), unsigned short x)
{
    return swap(x) * 0x10000u + own_swap(own_swap(x));
}

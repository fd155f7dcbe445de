#include <ia2.h>
#include <attack.h>
#include <sys/random.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static unsigned char page[16];

void bank_fill(unsigned char *to, int size)
{
    while (size-- > 0)
        to[size] = 0x41;
}
unsigned char bank_byte(const unsigned char *from) { return *from; }
unsigned char *bank_page(void)
{
    if (getrandom(page, sizeof page, 0) != sizeof page)
        __builtin_trap();
    return page;
}

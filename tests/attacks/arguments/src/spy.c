#include <ia2.h>
#include <ia2_allocator.h>
#include <attack.h>
#include "parts.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

void spy_write_by_bank(unsigned char *target) { bank_fill(target, 16); }
void spy_read_by_bank(const unsigned char *target)
{
    unsigned char bytes[16];
    int i;

    for (i = 0; i < 16; i++)
        bytes[i] = bank_byte(target + i);
    take(bytes, sizeof bytes);
}
int spy_honest(void)
{
    unsigned char *mine = shared_malloc(16);
    int result;

    bank_fill(mine, 16);
    result = bank_byte(mine + 3);
    shared_free(mine);
    return result;
}

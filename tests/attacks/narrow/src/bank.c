#include <ia2.h>
#include <attack.h>
#include <sys/random.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static struct {
    int numbers[256];
    int secret[4];
} table;

void bank_ready(void)
{
    int i;

    for (i = 0; i < 256; i++)
        table.numbers[i] = i;
    if (getrandom(table.secret, sizeof table.secret, 0) != sizeof table.secret)
        __builtin_trap();
}

void *bank_secret(void) { return table.secret; }

/* Clang relies on the caller having extended a narrow argument to 32 bits, and checks nothing. */
__attribute__((noinline)) int bank_pick(unsigned char index) { return table.numbers[index]; }
__attribute__((noinline)) int bank_pick_signed(signed char index) { return table.numbers[index + 128]; }
__attribute__((noinline)) int bank_pick_flag(_Bool flag) { return table.numbers[flag]; }

#define _GNU_SOURCE
#include <ia2.h>
#include <dlfcn.h>
#include <attack.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

/* Nobody else may call this: no pointer to it is ever given away. */
__attribute__((noinline)) static int private(int number)
{
    ran(PRIVATE);
    return number + BOARD->loot_size;
}

static int offered(int number) { return number + 2; }
static long offered_other(long a, long b) { return a - b; }

int bank_call(struct box *box, int number) { return box->event(number); }
void bank_offer(struct box *box)
{
    box->event = offered;
    box->other = offered_other;
}
unsigned long bank_private(void) { return (unsigned long)IA2_IGNORE((void *)private); }
unsigned long bank_private_number(void) { return (unsigned long)private(0); }

/* The victim calls a function of the C library by an address of its own. */
static int (*looked_up)(int);
int bank_look_up(void)
{
    looked_up = (int (*)(int))dlsym(RTLD_DEFAULT, "toupper");
    return looked_up && looked_up('a') == 'A';
}

/* Another one, of a type of its own. */
static long (*magnitude)(long);
unsigned long bank_magnitude(void)
{
    void *address = dlsym(RTLD_DEFAULT, "labs");
    magnitude = (long (*)(long))address;
    return magnitude && magnitude(-3) == 3 ? (unsigned long)address : 0;
}

long bank_call_other(struct box *box) { return box->other(5, 3); }

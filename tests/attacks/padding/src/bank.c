#include <ia2.h>
#include <attack.h>
#include <sys/random.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static unsigned char secret[16];
static struct in_memory memory;
static struct in_registers registers;

void bank_ready(void)
{
    int i;

    if (getrandom(secret, sizeof secret, 0) != sizeof secret)
        __builtin_trap();
    for (i = 0; i < (int)sizeof memory; i++)
        ((char *)&memory)[i] = ((char *)secret)[i % 8];
    for (i = 0; i < (int)sizeof registers; i++)
        ((char *)&registers)[i] = ((char *)secret)[i % 8];
    memory.a = 1, memory.b = 2, memory.c = 3, memory.d = 4, memory.e = 5;
    registers.a = 1, registers.b = 2, registers.c = 3;
}

void *bank_secret(void) { return secret; }

struct in_memory bank_memory(void) { return memory; }
struct in_registers bank_registers(void) { return registers; }

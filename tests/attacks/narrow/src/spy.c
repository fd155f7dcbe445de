#include <ia2.h>
#include <attack.h>
#include "parts.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

/* Calls a gate with a whole register, of which only the lowest byte is the argument. */
__attribute__((naked, visibility("hidden"))) int spy_call(const void *gate, unsigned long argument)
{
    __asm__("movq %rdi, %rax\n movq %rsi, %rdi\n jmpq *%rax\n");
}

/* What stands behind the table that the victim looks things up in. */
void spy_picks(int what)
{
    int word[4], i;

    for (i = 0; i < 4; i++)
        if (what == 0)
            word[i] = spy_call(IA2_IGNORE((const void *)bank_pick), 256 + (unsigned)i);
        else if (what == 1)
            word[i] = spy_call(IA2_IGNORE((const void *)bank_pick_signed), 128 + (unsigned)i);
        else
            word[i] = spy_call(IA2_IGNORE((const void *)bank_pick_flag), 256 + (unsigned)i);
    take(word, sizeof word);
}

int spy_honest(unsigned char index)
{
    return bank_pick(index) + bank_pick_signed((signed char)(index - 5)) + bank_pick_flag(1);
}

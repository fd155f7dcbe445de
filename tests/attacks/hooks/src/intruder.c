#define _GNU_SOURCE
#include <ia2.h>
#include <attack.h>
#include <dlfcn.h>
#include "parts.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

extern char ia2_vault[] __attribute__((weak));

int intrude_honest(int number) { return number + 3; }

/* Enters a hook as the runtime does: r10d says which, up to three arguments. */
__attribute__((noinline)) static unsigned long enter(int hook, unsigned long a, unsigned long b, unsigned long c)
{
    unsigned long result;
    void *gate = dlsym(RTLD_DEFAULT, "ia2_enter");

    __asm__ volatile("movl %1, %%r10d\n"
                     "movq %2, %%rdx\n"
                     "callq *%3\n"
                     : "=a"(result)
                     : "r"(hook), "r"(c), "r"(gate), "D"(a), "S"(b)
                     : "rcx", "rdx", "r8", "r9", "r10", "r11", "memory");
    return result;
}

void intrude(int hook, int how)
{
    unsigned long target[] = {
        0,
        /* Zeroes and pointers of the intruder, where everybody can read. */
        FAKE, FAKE + FAKE_SIZE / 2,
        /* The victims' own secrets, so that the mark is right wherever it is looked for. */
        (unsigned long)ia2_vault + 1 * 0x2000 + 0x100, (unsigned long)ia2_vault + 2 * 0x2000 + 0x100,
    };
    unsigned long argument = target[how % 5];

    enter(hook, argument, argument, argument);
}

#include <ia2.h>
#include <attack.h>
#include "parts.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

/* Whole registers, whatever of them is the argument. */
__attribute__((used, visibility("hidden"))) void spy_take_pair(unsigned long first, unsigned long second)
{
    take_word(first);
    take_word(second);
}
__attribute__((used, visibility("hidden"))) void spy_take_one(unsigned long word) { take_word(word); }

__attribute__((naked)) void spy_registers(struct in_registers value) { __asm__("jmp spy_take_pair\n"); }
__attribute__((naked)) void spy_mixed(struct mixed value) { __asm__("jmp spy_take_one\n"); }
__attribute__((naked)) void spy_int(int value) { __asm__("jmp spy_take_one\n"); }
void spy_memory(struct in_memory value) { take(&value, sizeof value); }

/* Calls a gate and takes both registers of the result. */
__attribute__((naked, visibility("hidden"))) void spy_call(const void *gate)
{
    __asm__("subq $8, %rsp\n"
            "callq *%rdi\n"
            "addq $8, %rsp\n"
            "movq %rax, %rdi\n"
            "movq %rdx, %rsi\n"
            "jmp spy_take_pair\n");
}

void spy_result(int what)
{
    struct in_memory memory;

    if (what) {
        memory = bank_memory();
        take(&memory, sizeof memory);
    } else {
        spy_call(IA2_IGNORE((const void *)bank_registers));
    }
}

int spy_honest(struct in_registers a, struct in_memory b, unsigned char c)
{
    return (int)(a.a + a.b + b.a + b.b + b.c + b.d + b.e) + c;
}

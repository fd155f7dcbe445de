#include <ia2.h>
#include <attack.h>
#include <unistd.h>
#include "parts.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

/* Where the last call of spy_remember would have returned to, and its stack there. */
__attribute__((used, visibility("hidden"))) unsigned long spy_address, spy_stack, spy_words[16];

__attribute__((used, visibility("hidden"))) int spy_keep(unsigned long *stack, int number)
{
    int i;

    spy_address = stack[0];
    spy_stack = (unsigned long)(stack + 1);
    for (i = 0; i < 16; i++)
        spy_words[i] = stack[1 + i];
    return number;
}

__attribute__((naked)) int spy_remember(int number)
{
    __asm__("movl %edi, %esi\n"
            "movq %rsp, %rdi\n"
            "subq $8, %rsp\n"
            "callq spy_keep\n"
            "addq $8, %rsp\n"
            "ret\n");
}

/* Goes back to where spy_remember once had to go back to. */
__attribute__((noinline)) int spy_return(int what)
{
    unsigned long *stack = (unsigned long *)spy_stack;
    unsigned long copy[16];
    int i;

    if (what < 0)
        return what;
    for (i = 0; i < 16; i++)
        copy[i] = spy_words[i];
    __asm__ volatile("movq %0, %%rsp\n"
                     "movl $99, %%eax\n"
                     ".set word, 0\n"
                     ".rept 16\n"
                     "movq word(%2), %%rcx\n"
                     "movq %%rcx, word(%%rsp)\n"
                     ".set word, word + 8\n"
                     ".endr\n"
                     "jmpq *%1\n"
                     : : "D"(stack), "S"(spy_address), "d"(copy) : "memory", "rcx", "rax");
    __builtin_unreachable();
}

/* Overwrites what the gate and its callers have on this stack, above this function, and returns. */
__attribute__((naked)) void spy_ruin(void)
{
    __asm__("movl $16, %ecx\n"
            "leaq 8(%rsp), %rdi\n"
            "movabsq $0x4141414141414141, %rax\n"
            "cld\n"
            "rep stosq\n"
            "ret\n");
}

/* Returns a struct in memory and another address than it was given. */
__attribute__((naked)) struct record spy_record(unsigned long *target)
{
    __asm__("movl $7, %eax\n"
            ".set offset, 0\n"
            ".rept 6\n"
            "movq %rax, offset(%rdi)\n"
            ".set offset, offset + 8\n"
            ".endr\n"
            /* Every pointer to the result that is left on this stack becomes the target. */
            "movl $16, %ecx\n"
            "leaq 8(%rsp), %rdx\n"
            "1: cmpq %rdi, (%rdx)\n"
            "jne 2f\n"
            "movq %rsi, (%rdx)\n"
            "2: addq $8, %rdx\n"
            "decl %ecx\n"
            "jnz 1b\n"
            "movq %rsi, %rax\n"
            "movq %rsi, %rbx\n"
            "movq %rsi, %rbp\n"
            "movq %rsi, %r12\n"
            "ret\n");
}

/* Returns with its stack pointer at the target. */
__attribute__((naked)) int spy_move_stack(unsigned long target)
{
    __asm__("movq (%rsp), %rcx\n"
            "movq %rdi, %rsp\n"
            "movl $1, %eax\n"
            "jmpq *%rcx\n");
}

int spy_called_back(int number) { return number + 1; }

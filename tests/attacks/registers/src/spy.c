#include <ia2.h>
#include <attack.h>
#include <stdio.h>
#include "parts.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

__attribute__((used, visibility("hidden"))) struct capture spy_found;
__attribute__((used, visibility("hidden"))) int spy_features;

_Static_assert(offsetof(struct capture, upper) == 128, "CAPTURE_ALL");
_Static_assert(offsetof(struct capture, wide) == 384, "CAPTURE_ALL");
_Static_assert(offsetof(struct capture, masks) == 2432, "CAPTURE_ALL");
_Static_assert(offsetof(struct capture, fxsave) == 2496, "CAPTURE_ALL");

void spy_ready(int features) { spy_features = features; }

#define CAPTURE                                                                                    \
    "pushq %rax\n pushq %rcx\n" CAPTURE_ALL("spy_found", "spy_features") "popq %rcx\n popq %rax\n"

/* What a callee finds in the registers when it is entered. */
__attribute__((naked)) void spy_void(void) { __asm__(CAPTURE "ret\n"); }
__attribute__((naked)) int spy_int(int number) { __asm__(CAPTURE "movl $1, %eax\n ret\n"); }
__attribute__((naked)) double spy_double(double number) { __asm__(CAPTURE "ret\n"); }
__attribute__((naked)) struct pair spy_pair(long a)
{
    __asm__(CAPTURE "movq $0, (%rdi)\n movq $0, 8(%rdi)\n movq $0, 16(%rdi)\n movq %rdi, %rax\n ret\n");
}

/* Takes what was found in these classes of registers. */
void spy_publish(int classes)
{
    int i;

    if (classes & GENERAL)
        take(spy_found.general, sizeof spy_found.general);
    if (classes & XMM)
        take(spy_found.fxsave + 160, 256);
    if (classes & UPPER)
        take(spy_found.upper, sizeof spy_found.upper);
    if (classes & WIDE)
        for (i = 0; i < 32; i++)
            take(spy_found.wide[i] + (i < 16 ? 32 : 0), i < 16 ? 32 : 64);
    if (classes & MASKS)
        take(spy_found.masks, sizeof spy_found.masks);
    if (classes & X87)
        take(spy_found.fxsave + 32, 128);
    memset(&spy_found, 0, sizeof spy_found);
}

/* Calls a gate and looks at the registers when it comes back. */
__attribute__((naked, visibility("hidden"))) void spy_call(const void *gate, const void *memory)
{
    __asm__("pushq %rbx\n pushq %rbp\n pushq %r12\n pushq %r13\n pushq %r14\n pushq %r15\n"
            "subq $8, %rsp\n"
            "movq %rdi, %rax\n"
            "movq %rsi, %rdi\n"
            "callq *%rax\n" CAPTURE_ALL("spy_found", "spy_features")
            "addq $8, %rsp\n"
            "fninit\n"
            "popq %r15\n popq %r14\n popq %r13\n popq %r12\n popq %rbp\n popq %rbx\n"
            "ret\n");
}

void spy_calls(int what)
{
    struct pair pair = { 0, 0, 0 };

    if (what == 0)
        spy_call(IA2_IGNORE((const void *)bank_void), NULL);
    else if (what == 1)
        spy_call(IA2_IGNORE((const void *)bank_int), NULL);
    else if (what == 2)
        spy_call(IA2_IGNORE((const void *)bank_double), NULL);
    else
        spy_call(IA2_IGNORE((const void *)bank_pair), &pair);
}

/* Makes the state of the CPU unusual. */
static inline __attribute__((always_inline)) void make(int what)
{
    unsigned int mxcsr = 0xffc0;
    unsigned short control = 0xc7f;

    switch (what) {
    case DIRECTION: __asm__ volatile("std"); break;
    case ALIGNMENT:
        __asm__ volatile("pushfq\n orl $0x40000, (%%rsp)\n popfq" : : : "memory", "cc");
        break;
    case MXCSR: __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr)); break;
    case CONTROL_WORD: __asm__ volatile("fldcw %0" : : "m"(control)); break;
    case X87_STACK:
        __asm__ volatile("fninit\n fldz\n fldz\n fldz\n fldz\n fldz\n fldz\n fldz\n fldz");
        break;
    case MMX: __asm__ volatile("movd %0, %%mm0" : : "r"(1)); break;
    default: break;
    }
}

/* Returns with it. */
__attribute__((noinline)) void spy_leaves(int what)
{
    make(what);
}

/* Returns without what a callee must restore. */
__attribute__((naked)) void spy_trashes(void)
{
    __asm__("movq $-1, %rbx\n movq $-1, %rbp\n movq $-1, %r12\n movq $-1, %r13\n"
            "movq $-1, %r14\n movq $-1, %r15\n ret\n");
}

/* Calls compartment 2 with it. */
void spy_enters(int what)
{
    make(what);
    bank_check_state();
    __asm__ volatile("cld\n fninit");
}

int spy_honest(int number) { return number * 2; }

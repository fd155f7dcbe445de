#include <ia2.h>
#include <attack.h>
#include <cpuid.h>
#include <sys/random.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

__attribute__((used, visibility("hidden"), aligned(64))) unsigned char bank_bytes[64];
__attribute__((used, visibility("hidden"))) int bank_features;

unsigned char *bank_secret(void)
{
    unsigned a, b, c, d;

    if (getrandom(bank_bytes + 8, 8, 0) != 8)
        __builtin_trap();
    SHAPE(bank_bytes);
    __cpuid_count(7, 0, a, b, c, d);
    bank_features = __builtin_cpu_supports("avx") ? AVX : 0;
    bank_features |= __builtin_cpu_supports("avx512bw") ? AVX512 : 0;
    return bank_bytes + 8;
}

/* They keep what a function has to keep, and leave the secret in all other registers. */
#define KEEP(what)                                                                                 \
    "pushq %rbx\n pushq %rbp\n pushq %r12\n pushq %r13\n pushq %r14\n pushq %r15\n" what            \
    "popq %r15\n popq %r14\n popq %r13\n popq %r12\n popq %rbp\n popq %rbx\n"

__attribute__((naked)) void bank_void(void)
{
    __asm__(KEEP(FILL_ALL("bank_bytes", "bank_features")) "ret\n");
}

__attribute__((naked)) int bank_int(int number)
{
    __asm__(KEEP(FILL_ALL("bank_bytes", "bank_features")) "movl $1, %eax\n"
                                                          "ret\n");
}

/* The result's register is full, too: all but its lowest eight bytes are no result. */
__attribute__((naked)) double bank_double(double number)
{
    __asm__(KEEP(FILL_ALL("bank_bytes", "bank_features")) "ret\n");
}

__attribute__((naked)) struct pair bank_pair(long a)
{
    __asm__("pushq %rdi\n" KEEP(FILL_ALL("bank_bytes", "bank_features")) "popq %rax\n"
            "movq $0, (%rax)\n"
            "movq $0, 8(%rax)\n"
            "movq $0, 16(%rax)\n"
            "ret\n");
}

/* Called by an attacker: is the state of the CPU what a function may rely on? */
__attribute__((noinline)) void bank_check_state(void)
{
    unsigned long flags;
    unsigned int mxcsr;
    unsigned short control, status, tags[14];
    long double one;

    __asm__ volatile("pushfq\n popq %0" : "=r"(flags));
    __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
    __asm__ volatile("fnstcw %0\n fnstsw %1" : "=m"(control), "=m"(status));
    __asm__ volatile("fnstenv %0\n fldenv %0" : "=m"(tags));
    __asm__ volatile("fld1" : "=t"(one));
    /* Direction, alignment check. */
    if (flags & (1ul << 10 | 1ul << 18))
        BOARD->breached = 1;
    if ((mxcsr & 0xffc0) != 0x1f80 || control != 0x37f)
        BOARD->breached = 1;
    if (tags[4] != 0xffff || one != 1.0L)
        BOARD->breached = 1;
}

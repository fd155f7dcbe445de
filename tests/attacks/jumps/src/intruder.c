#include <ia2.h>
#include <attack.h>
#include "parts.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

/* Loaded into the CPU as they are, then jumped to rip. */
struct registers {
    unsigned long rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15;
    unsigned long flags, rip;
};
__attribute__((used, visibility("hidden"))) struct registers intruder_next;

void intruder_strike(void) __attribute__((visibility("hidden")));
extern const char intruder_landed[] __attribute__((visibility("hidden")));

__asm__(".text\n"
        ".globl intruder_strike, intruder_landed\n"
        ".hidden intruder_strike, intruder_landed, intruder_next\n"
        ".type intruder_strike, @function\n"
        "intruder_strike:\n"
        "pushq intruder_next+128(%rip)\n"
        "popfq\n"
        "movq intruder_next+0(%rip), %rax\n"
        "movq intruder_next+8(%rip), %rbx\n"
        "movq intruder_next+16(%rip), %rcx\n"
        "movq intruder_next+24(%rip), %rdx\n"
        "movq intruder_next+32(%rip), %rsi\n"
        "movq intruder_next+40(%rip), %rdi\n"
        "movq intruder_next+48(%rip), %rbp\n"
        "movq intruder_next+56(%rip), %rsp\n"
        "movq intruder_next+64(%rip), %r8\n"
        "movq intruder_next+72(%rip), %r9\n"
        "movq intruder_next+80(%rip), %r10\n"
        "movq intruder_next+88(%rip), %r11\n"
        "movq intruder_next+96(%rip), %r12\n"
        "movq intruder_next+104(%rip), %r13\n"
        "movq intruder_next+112(%rip), %r14\n"
        "movq intruder_next+120(%rip), %r15\n"
        "jmpq *intruder_next+136(%rip)\n"
        /* Control is back with the intruder: with whose rights, and what is in the registers? */
        ".balign 16\n"
        ".type intruder_landed, @function\n"
        "intruder_landed:\n"
        "endbr64\n"
        "movabsq %rax, 0x200000200000\n"
        "movabsq $0x200000200000, %rax\n"
        "movq %rbx, 8(%rax)\n"
        "movq %rcx, 16(%rax)\n"
        "movq %rdx, 24(%rax)\n"
        "movq %rsi, 32(%rax)\n"
        "movq %rdi, 40(%rax)\n"
        "movq %rbp, 48(%rax)\n"
        "movq %rsp, 56(%rax)\n"
        "movq %r8, 64(%rax)\n"
        "movq %r9, 72(%rax)\n"
        "movq %r10, 80(%rax)\n"
        "movq %r11, 88(%rax)\n"
        "movq %r12, 96(%rax)\n"
        "movq %r13, 104(%rax)\n"
        "movq %r14, 112(%rax)\n"
        "movq %r15, 120(%rax)\n"
        "movq %rax, %rbx\n"
        "xorl %ecx, %ecx\n"
        "rdpkru\n"
        "movq %rax, 128(%rbx)\n"
        "lock incq 136(%rbx)\n"
        "movl $9, %edi\n"
        "movl $231, %eax\n"
        "syscall\n");

/* A small generator (xorshift), so that a seed says everything. */
static unsigned long state;

static unsigned long random_word(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* Absent from the plain program, which has nothing to jump to. */
extern char ia2_vault[] __attribute__((weak));

/* The secrets that the intruder may read: its own page, and that of compartment 0. */
static unsigned long known_secret(void)
{
    unsigned long word = random_word() % 32;

    return ((unsigned long *)(ia2_vault + (random_word() & 1 ? 3 * 8192 : 0)))[word];
}

static unsigned long rights(unsigned long word)
{
    static const unsigned int values[] = {
        PKRU(1), PKRU(2), PKRU(1), PKRU(2), PKRU(3), PKRU(0), 0, 0x55555554, PKRU(1) & PKRU(3),
    };
    return values[word % (sizeof values / sizeof *values)];
}

static unsigned long own_stack[512];

static unsigned long hostile(void)
{
    unsigned long word = random_word();

    switch (word % 16) {
    case 0:
    case 1:
    case 2: return word >> 8 & 3;
    case 3: return word >> 8 & 63;
    case 4:
    case 5: return FAKE + FAKE_SIZE / 2 + (word >> 8 & 0xff0);
    case 6: return (unsigned long)&own_stack[256];
    case 7: return STACK_OF_1 - (word >> 8 & 0xff0);
    case 8: return STACK_OF_2 - (word >> 8 & 0xff0);
    case 9:
    case 10: return known_secret();
    case 11: return rights(word >> 8);
    case 12: return (unsigned long)ia2_vault + (word >> 8 & 0x7ff8);
    case 13: return (unsigned long)intruder_landed;
    case 14: return word;
    default: return -(word >> 8 & 0xffff);
    }
}

/* Chooses all registers by the seed and jumps. */
int intrude(unsigned long target, unsigned seed)
{
    unsigned long *registers = (unsigned long *)&intruder_next;
    unsigned i;

    if (target == 0)
        return 1;
    state = seed * 0x9e3779b97f4a7c15UL | 1;
    for (i = 0; i < 8; i++)
        random_word();
    for (i = 0; i < 512; i++)
        own_stack[i] = (unsigned long)intruder_landed;
    for (i = 0; i < 16; i++)
        registers[i] = hostile();
    /* Most of the time: WRPKRU does not fault, pairs and numbers are plausible, the stack is ours. */
    if (random_word() % 8) {
        intruder_next.rax = rights(random_word());
        intruder_next.rcx = 0;
        intruder_next.rdx = 0;
    }
    if (random_word() % 4)
        intruder_next.rbx = known_secret();
    if (random_word() % 4)
        intruder_next.r9 = known_secret();
    if (random_word() % 2) {
        intruder_next.r13 = random_word() % 64;
        intruder_next.r14 = random_word() % 4;
        intruder_next.r15 = random_word() % 4;
    }
    /* What the way back asks for: a secret and the number of a call. */
    if (random_word() % 4 == 0)
        intruder_next.r15 = known_secret() + random_word() % 4;
    if (random_word() % 4)
        intruder_next.rsp = random_word() & 1 ? (unsigned long)&own_stack[256] : FAKE + FAKE_SIZE / 2;
    intruder_next.flags = random_word() % 4 ? 0x202 : 0x602;
    intruder_next.rip = target;
    intruder_strike();
    return 0;
}

/* Fills the fake memory with pointers to the landing. */
void intrude_ready(void)
{
    unsigned long i;

    for (i = 0; i < FAKE_SIZE / 8; i++)
        ((unsigned long *)FAKE)[i] = (unsigned long)intruder_landed;
}

/* What 1 and 2 call, and the only functions of others that the intruder may call. */
int intrude_back(int number)
{
    unsigned int open = ~ia2_get_pkru() & 0x55555554;

    if (open & ~(1u << 6) && ia2_get_pkru()) {
        BOARD->landed++;
        BOARD->landed_pkru = ia2_get_pkru();
    }
    return bank_public(number);
}

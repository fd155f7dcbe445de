/*
 * probe.c - what gates leave in registers.
 *
 * A caller fills every register with a mark and calls a function through a gate. The function writes
 * down what it finds, fills every register with another mark and returns; the caller writes down what
 * that leaves. Neither may find the other's mark but in what the signature passes, and general
 * registers are zero unless the caller knows them or they say nothing (docs/gates.md, "What holds").
 *
 * Usage: probe
 */
#include "runtime.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define CALLER_MARK 0xca11e4edca11e4ed
#define CALLEE_MARK 0xca11ee42ca11ee42
#define TEXT_(text) #text
#define TEXT(text) TEXT_(text)

#define GENERAL "rax,rbx,rcx,rdx,rsi,rdi,rbp,r8,r9,r10,r11,r12,r13,r14,r15"
#define EIGHT "0,1,2,3,4,5,6,7"
#define SIXTEEN EIGHT ",8,9,10,11,12,13,14,15"
#define ALL SIXTEEN ",16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31"

static const char *const general_names[] = {"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8",
                                            "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
/* Which of them belong to the caller, and which a gate may leave something in for the callee. */
static const char kept[] = {0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1};
static const char given[] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1};

/* What was found, by whom. */
struct registers {
    uint64_t general[15], mmx[8], masks[8], vectors[32][8];
};
struct registers probe_entered, probe_returned;
/* The kind of CPU, by the numbers of layout.h. */
int probe_cpu;
void (*probe_gate)(void);

void probe(void);
void probe_call(void);

__asm__(
    ".macro fill_registers mark\n"
    " movabsq $\\mark, %rax\n"
    ".irp r,rbx,rcx,rdx,rsi,rdi,rbp,r8,r9,r10,r11,r12,r13,r14,r15\n movq %rax, %\\r\n .endr\n"
    ".irp n," EIGHT "\n movq %rax, %mm\\n\n .endr\n emms\n"
    " cmpl $1, probe_cpu(%rip)\n ja 3f\n je 2f\n"
    " movq %rax, %xmm0\n punpcklqdq %xmm0, %xmm0\n"
    ".irp n," SIXTEEN "\n movaps %xmm0, %xmm\\n\n .endr\n jmp 4f\n"
    "2: vmovq %rax, %xmm0\n vpunpcklqdq %xmm0, %xmm0, %xmm0\n vinsertf128 $1, %xmm0, %ymm0, %ymm0\n"
    ".irp n," SIXTEEN "\n vmovaps %ymm0, %ymm\\n\n .endr\n jmp 4f\n"
    "3:\n"
    ".irp n," ALL "\n vpbroadcastq %rax, %zmm\\n\n .endr\n"
    ".irp n," EIGHT "\n kmovw %eax, %k\\n\n .endr\n"
    "4:\n.endm\n"

    ".macro write_down place\n"
    ".set at, 0\n"
    ".irp r," GENERAL "\n movq %\\r, \\place+at(%rip)\n .set at, at + 8\n .endr\n"
    ".irp n," EIGHT "\n movq %mm\\n, \\place+at(%rip)\n .set at, at + 8\n .endr\n emms\n"
    " cmpl $1, probe_cpu(%rip)\n ja 3f\n je 2f\n"
    ".set vectors, at + 64\n"
    ".irp n," SIXTEEN "\n movups %xmm\\n, \\place+vectors+64*\\n(%rip)\n .endr\n jmp 4f\n"
    "2:\n"
    ".irp n," SIXTEEN "\n vmovups %ymm\\n, \\place+vectors+64*\\n(%rip)\n .endr\n jmp 4f\n"
    "3:\n"
    ".irp n," EIGHT "\n kmovw %k\\n, \\place+at+8*\\n(%rip)\n .endr\n"
    ".irp n," ALL "\n vmovdqu64 %zmm\\n, \\place+vectors+64*\\n(%rip)\n .endr\n"
    "4:\n.endm\n"

    ".macro save_own\n pushq %rbx\n pushq %rbp\n pushq %r12\n pushq %r13\n pushq %r14\n pushq %r15\n .endm\n"
    ".macro restore_own\n popq %r15\n popq %r14\n popq %r13\n popq %r12\n popq %rbp\n popq %rbx\n .endm\n"

    ".globl probe\nprobe:\n"
    " write_down probe_entered\n save_own\n fill_registers " TEXT(CALLEE_MARK) "\n restore_own\n ret\n"

    ".globl probe_call\nprobe_call:\n"
    " save_own\n subq $8, %rsp\n fill_registers " TEXT(CALLER_MARK) "\n"
    " callq *probe_gate(%rip)\n"
    " write_down probe_returned\n addq $8, %rsp\n restore_own\n ret\n");

/* Whether one of both halves of a word is that of the mark. */
static int holds(uint64_t word, uint64_t mark)
{
    return (uint32_t)word == (uint32_t)mark || word >> 32 == (uint32_t)mark;
}

static int failures;

static void found(const char *when, const char *kind, int number, const char *name)
{
    fprintf(stderr, "something in %s%s", kind, name ? name : "");
    if (!name)
        fprintf(stderr, "%d", number);
    fprintf(stderr, " %s\n", when);
    failures++;
}

/* `passed`: how many vector registers carry a number of 8 bytes; `other`: general registers that need
 * not be zero. */
static void look(const struct registers *registers, uint64_t mark, int passed, const char *other,
                 const char *when)
{
    for (int i = 0; i < 15; i++)
        if (holds(registers->general[i], mark) || (!other[i] && registers->general[i]))
            found(when, "", i, general_names[i]);
    for (int i = 0; i < 8; i++) {
        if (holds(registers->mmx[i], mark))
            found(when, "mm", i, 0);
        if ((uint16_t)registers->masks[i] == (uint16_t)mark)
            found(when, "k", i, 0);
    }
    for (int i = 0; i < 32; i++)
        for (int word = i < passed; word < 8; word++)
            if (holds(registers->vectors[i][word], mark)) {
                found(when, "vector register ", i, 0);
                break;
            }
}

void ia2_1_to_2_nothing(void);
void ia2_1_to_2_real(void);

static void run(void *unused)
{
    (void)unused;
    static const struct {
        void (*gate)(void);
        int arguments, results;
    } gates[] = {{ia2_1_to_2_nothing, 0, 0}, {ia2_1_to_2_real, 2, 1}};
    char left[sizeof kept];
    memcpy(left, kept, sizeof left);
    left[0] = 1; /* rax: the rights */
    for (unsigned i = 0; i < sizeof gates / sizeof *gates; i++) {
        probe_gate = gates[i].gate;
        probe_call();
        look(&probe_entered, CALLER_MARK, gates[i].arguments, given, "of the caller");
        look(&probe_returned, CALLEE_MARK, gates[i].results, left, "of the callee");
        for (int n = 0; n < 15; n++)
            if (kept[n] && probe_returned.general[n] != CALLER_MARK) {
                fprintf(stderr, "%s is not restored\n", general_names[n]);
                failures++;
            }
    }
}

/* In the order of the gates' table. */
void (*const test_functions[])() = {(void (*)())probe, (void (*)())probe, 0};

int main(void)
{
    test_start();
    test_start_thread();
    probe_cpu = test_cpu();
    test_run(1, run, 0);
    if (failures)
        return 1;
    /* What was written down is what the registers held. */
    if (probe_returned.general[1] != CALLER_MARK || !holds(probe_entered.vectors[0][0], CALLER_MARK))
        return 2;
    return 0;
}

/*
 * runtime.c - as much of a runtime as gates need: table, vault, thread blocks, stacks.
 *
 * With PROTECTED the vault, the thread blocks and the stacks carry protection keys and gates switch
 * PKRU; else gates only remember the value they would have written, in ia2_test_pkru.
 *
 * Usage: program SEED CALLS THREADS
 */
#define _GNU_SOURCE
#include "runtime.h"
#include <immintrin.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "layout.h"

/* crates/layout, callgates */
struct function {
    uint64_t id;
    uint32_t pkey, reserved;
    const char *name;
};
extern const struct callgates {
    uint32_t version, highest;
    const struct function *functions;
    size_t function_count;
    uintptr_t *table;
    const char *text, *text_end;
} ia2_callgates;

extern char ia2_vault[];
extern __thread char ia2_thread_block[];
extern void (*const test_functions[])();
extern const char *const test_compartments;

__thread unsigned long long test_seed;
__thread int test_shape, test_depth;
__thread unsigned ia2_test_pkru = 0xfffffffc;
static __thread uintptr_t outer_stack;
static unsigned long calls;

enum { STACK = 64 << 20 };

static unsigned pkru_of(int compartment)
{
    return ~(3u << 2 * compartment | 3u);
}

/* The value that gates have written last. */
static unsigned pkru(void)
{
#ifdef PROTECTED
    unsigned value, zero;
    __asm__ volatile("rdpkru" : "=a"(value), "=d"(zero) : "c"(0));
    return value;
#else
    return ia2_test_pkru;
#endif
}

static void set_pkru(unsigned value)
{
#ifdef PROTECTED
    __asm__ volatile("wrpkru" : : "a"(value), "c"(0), "d"(0) : "memory");
#else
    ia2_test_pkru = value;
#endif
}

static void die(const char *what)
{
    perror(what);
    _exit(3);
}

/* Whether gates clear all registers. */
extern const int test_clears_all __attribute__((weak));
/* The kind of CPU, and whether marks are left and looked for: in registers of more than 16 bytes. */
static int cpu, marks;
static __thread int crossing;

#define MARK 0x5ec2e75ec2e75ec3ul
#define MASK_MARK 0xa5c3u
#define LOWER_VECTORS "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"
#define ALL_VECTORS LOWER_VECTORS ",16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31"

int test_cpu(void)
{
    return cpu;
}

void test_mark(int crosses)
{
    if (!marks)
        return;
    crossing = crosses;
    if (cpu == CPU_AVX512)
        __asm__ volatile(".irp n," ALL_VECTORS "\n vpbroadcastq %0, %%zmm\\n\n .endr\n"
                         ".irp n,0,1,2,3,4,5,6,7\n kmovw %k1, %%k\\n\n .endr\n"
                         :
                         : "r"(MARK), "r"(MASK_MARK)
                         : "memory");
    else
        __asm__ volatile("vmovq %0, %%xmm0\n vpunpcklqdq %%xmm0, %%xmm0, %%xmm0\n"
                         "vinsertf128 $1, %%xmm0, %%ymm0, %%ymm0\n"
                         ".irp n," LOWER_VECTORS "\n vmovaps %%ymm0, %%ymm\\n\n .endr\n"
                         :
                         : "r"(MARK)
                         : "memory");
    __asm__ volatile(".irp n,0,1,2,3,4,5,6,7\n movq %0, %%mm\\n\n .endr\n emms" : : "r"(MARK));
}

static void look_for_marks(const char *when, int compartment, int function)
{
    static __thread struct {
        uint64_t vectors[32][8], x87[8], masks[8];
    } found;
    if (cpu == CPU_AVX512)
        __asm__ volatile(".irp n," ALL_VECTORS "\n vmovdqu64 %%zmm\\n, 64*\\n(%0)\n .endr\n"
                         ".irp n,0,1,2,3,4,5,6,7\n kmovw %%k\\n, %%eax\n"
                         "movq %%rax, 8*\\n(%1)\n .endr\n"
                         :
                         : "r"(found.vectors), "r"(found.masks)
                         : "rax", "memory");
    else
        __asm__ volatile(".irp n," LOWER_VECTORS "\n vmovdqu %%ymm\\n, 64*\\n(%0)\n .endr\n"
                         :
                         : "r"(found.vectors)
                         : "memory");
    __asm__ volatile(".irp n,0,1,2,3,4,5,6,7\n movq %%mm\\n, 8*\\n(%0)\n .endr\n"
                     "emms\n vzeroupper"
                     :
                     : "r"(found.x87)
                     : "memory");
    for (int i = 0; i < 8; i++) {
        int wide = 0;
        for (int n = 0; n < 32; n++)
            wide += found.vectors[n][i] == MARK;
        if (wide || found.x87[i] == MARK || found.masks[i] == MASK_MARK) {
            fprintf(stderr, "function %d of compartment %d: a mark in a register when it %s\n",
                    function, compartment, when);
            _exit(1);
        }
    }
}

void test_unmarked(int compartment, int function)
{
    if (marks)
        look_for_marks("has returned", compartment, function);
}

void test_entered(int compartment, int function)
{
    if (marks && crossing) {
        crossing = 0;
        look_for_marks("is entered", compartment, function);
    }
    unsigned mxcsr = 0;
    unsigned short control = 0;
    unsigned long flags;
    __asm__ volatile("stmxcsr %0\n fnstcw %1\n pushfq\n popq %2"
                     : "=m"(mxcsr), "=m"(control), "=r"(flags));
    if (pkru() != pkru_of(compartment) || (mxcsr & ~0x3fu) != 0x1f80 || control != 0x37f
        || flags & 0x40400) {
        fprintf(stderr, "function %d starts with PKRU %x, MXCSR %x, control word %x, flags %lx\n",
                function, pkru(), mxcsr, control, flags);
        _exit(1);
    }
    __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
}

void test_returned(int compartment, int function)
{
    if (pkru() != pkru_of(compartment)) {
        fprintf(stderr, "function %d returns with PKRU %x\n", function, pkru());
        _exit(1);
    }
}

void test_failed(int function, int argument, const void *value, const void *expected,
                 unsigned long size)
{
    const unsigned char *got = value, *wanted = expected;
    fprintf(stderr, "function %d, %s %d of %lu bytes (seed %llu, kind of call %d):\n", function,
            argument < 0 ? "result" : "argument", argument, size, test_seed, test_shape);
    for (unsigned long i = 0; i < size && i < 256; i++)
        fprintf(stderr, "%02x%s", got[i], got[i] == wanted[i] ? " " : "* ");
    fprintf(stderr, "\n");
    for (unsigned long i = 0; i < size && i < 256; i++)
        fprintf(stderr, "%02x  ", wanted[i]);
    fprintf(stderr, "\n");
    _exit(1);
}

static char *page(int compartment)
{
    return ia2_thread_block + compartment * 4096;
}

static void protect(void *address, size_t size, int compartment)
{
#ifdef PROTECTED
    if (syscall(SYS_pkey_mprotect, address, size, PROT_READ | PROT_WRITE, compartment))
        die("pkey_mprotect");
#else
    (void)address, (void)size, (void)compartment;
#endif
}

/* Gives a compartment a stack in this thread; called with all rights. */
static void make_stack(int compartment)
{
    char *own = page(compartment);
    if (*(uintptr_t *)(own + STACK_POINTER))
        return;
    char *stack = mmap(0, STACK + 2 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                       -1, 0);
    if (stack == MAP_FAILED || mprotect(stack + 4096, STACK, PROT_READ | PROT_WRITE))
        die("stack");
    protect(stack + 4096, STACK, compartment);
    uintptr_t high = (uintptr_t)stack + 4096 + STACK;
    *(uintptr_t *)(own + STACK_HIGH) = high;
    *(uintptr_t *)(own + STACK_LOW) = (uintptr_t)stack + 4096;
    *(uintptr_t *)(own + STACK_POINTER) = high - 17 * 8;
    memcpy(own + COOKIE, ia2_vault + compartment * VAULT_STRIDE + VAULT_COOKIE, 8);
}

__attribute__((used)) static void prepare(int compartment)
{
    unsigned before = pkru();
    set_pkru(0);
    make_stack(compartment);
    set_pkru(before);
}

/* Keeps everything that may carry an argument. */
__asm__(".globl ia2_prepare_stack\n"
        "ia2_prepare_stack:\n"
        " pushq %rbp\n movq %rsp, %rbp\n"
        " pushq %rax\n pushq %rcx\n pushq %rdx\n pushq %rsi\n pushq %rdi\n"
        " pushq %r8\n pushq %r9\n pushq %r10\n"
        " subq $8192, %rsp\n andq $-64, %rsp\n"
        " xorl %eax, %eax\n movl $64, %ecx\n leaq 512(%rsp), %rdi\n rep stosb\n"
        " movl $0xe7, %eax\n xorl %edx, %edx\n xsave64 (%rsp)\n"
        " movl %r10d, %edi\n"
        " call prepare\n"
        " movl $0xe7, %eax\n xorl %edx, %edx\n xrstor64 (%rsp)\n"
        " leaq -64(%rbp), %rsp\n"
        " popq %r10\n popq %r9\n popq %r8\n"
        " popq %rdi\n popq %rsi\n popq %rdx\n popq %rcx\n popq %rax\n popq %rbp\n ret\n");

/* Runs `body(argument)` in a compartment. */
void test_enter(int compartment, char *own, void (*body)(void *), void *argument, unsigned rights);
#ifdef PROTECTED
#define WRITE_PKRU " xorl %ecx, %ecx\n xorl %edx, %edx\n wrpkru\n"
#else
#define WRITE_PKRU " movq ia2_test_pkru@gottpoff(%rip), %rcx\n movl %eax, %fs:(%rcx)\n"
#endif
__asm__(".globl test_enter\n"
        "test_enter:\n"
        " pushq %rbp\n movq %rsp, %rbp\n pushq %rbx\n pushq %r12\n pushq %r13\n pushq %r14\n"
        " movq %rsp, %r14\n movq %rsi, %rbx\n movq %rdx, %r12\n movq %rcx, %r13\n movl %r8d, %eax\n"
        WRITE_PKRU
        " movq (%rbx), %rsp\n movq $" RUNNING_TEXT ", (%rbx)\n"
        " pushq %r14\n movq %r13, %rdi\n call *%r12\n popq %r14\n movq %rsp, (%rbx)\n"
        " movq %r14, %rsp\n movl $0xfffffffc, %eax\n"
        WRITE_PKRU
        " popq %r14\n popq %r13\n popq %r12\n popq %rbx\n popq %rbp\n ret\n");

static uint64_t random_word(void)
{
    uint64_t word;
    if (getentropy(&word, sizeof word))
        die("getentropy");
    return word;
}

static void fill_vault(int count)
{
    uint64_t cookies[16] = {0};
    for (int key = 0; key < count; key++) {
        cookies[key] = key ? random_word() : 0;
        memcpy(ia2_vault + key * VAULT_STRIDE + VAULT_COOKIE, &cookies[key], 8);
        /* The first is true of all, but gates must also work where it is not known (MXCSR is set:
           nowhere, for benchmarks). */
        ia2_vault[key * VAULT_STRIDE + VAULT_REGISTERS] =
            cpu | (key & 1 && !getenv("MXCSR") ? MXCSR_IS_DEFAULT : 0);
    }
    for (int caller = 0; caller < count; caller++)
        for (int target = 0; target < count; target++) {
            uint64_t secret = random_word();
            char *from = ia2_vault + caller * VAULT_STRIDE, *to = ia2_vault + target * VAULT_STRIDE;
            *(uint64_t *)(from + VAULT_OUTGOING + 8 * target) = secret;
            *(uint64_t *)(to + VAULT_INCOMING + 8 * caller) = secret;
            *(uint64_t *)(to + VAULT_ADMISSION + 8 * caller) =
                ALIGNMENT_SUM - (secret + cookies[target]);
            *(uint64_t *)(from + VAULT_READMISSION + 8 * target) =
                ALIGNMENT_SUM - (secret + cookies[caller]);
        }
    for (int key = 1; key < count; key++)
        protect(ia2_vault + key * VAULT_STRIDE, VAULT_STRIDE, key);
}

/* Clears EFLAGS.AC where a gate stops, as the runtime does. */
static void misaligned(int signal, siginfo_t *info, void *context)
{
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const char *at = (const char *)registers[REG_RIP];
    if (at < ia2_callgates.text || at >= ia2_callgates.text_end || info->si_code != BUS_ADRALN)
        _exit(4);
    registers[REG_EFL] &= ~0x40000ll;
    (void)signal;
}

void test_start(void)
{
    int count = ia2_callgates.highest + 1;
    uintptr_t *table = ia2_callgates.table;
    __builtin_cpu_init();
    cpu = __builtin_cpu_supports("avx512f") ? CPU_AVX512
          : __builtin_cpu_supports("avx")   ? CPU_AVX
                                            : CPU_SSE;
    /* As on a CPU with narrower vector registers. */
    const char *vectors = getenv("VECTORS");
    if (vectors)
        cpu = strcmp(vectors, "sse") ? CPU_AVX : CPU_SSE;
    marks = cpu != CPU_SSE && &test_clears_all && test_clears_all;
    *table++ = (uintptr_t)cpu;
    for (size_t i = 0; i < ia2_callgates.function_count; i++)
        *table++ = (uintptr_t)test_functions[i];
    struct sigaction action = {.sa_sigaction = misaligned, .sa_flags = SA_SIGINFO};
    sigaction(SIGBUS, &action, 0);
#ifdef PROTECTED
    for (int key = 1; key < 16; key++)
        if (syscall(SYS_pkey_alloc, 0, 0) != key)
            die("pkey_alloc");
    set_pkru(0);
#endif
    fill_vault(count);
    set_pkru(0xfffffffc);
}

void test_start_thread(void)
{
    for (int key = 1; key <= (int)ia2_callgates.highest; key++)
        protect(page(key), 4096, key);
}

void test_run(int compartment, void (*body)(void *), void *argument)
{
    prepare(compartment);
    test_enter(compartment, page(compartment), body, argument, pkru_of(compartment));
}

unsigned long test_calls(void)
{
    return calls;
}

#define _GNU_SOURCE
#include <ia2.h>
#include <judge.h>
#include "parts.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

__attribute__((used, visibility("hidden"), aligned(64))) unsigned char main_bytes[64];
__attribute__((used, visibility("hidden"))) int main_features;
__attribute__((used, visibility("hidden"))) unsigned long main_saved[8];
static unsigned char *bank_bytes;

static void benign(const struct attempt *attempt)
{
    long double x = 1.5L;

    printf("%d %d %g %ld\n", spy_honest(4), spy_int(5), spy_double(2.5), spy_pair(3).a);
    printf("%d %Lg\n", bank_int(1), x * spy_honest(2));
}

/*
 * Calls a gate with the secret in every register, but for rdi and rsi if they carry arguments.
 */
__attribute__((naked, visibility("hidden"))) void main_call(const void *gate, void *argument, int give)
{
    __asm__("pushq %rbx\n pushq %rbp\n pushq %r12\n pushq %r13\n pushq %r14\n pushq %r15\n"
            "movq %rdi, main_saved(%rip)\n"
            "movq %rsi, main_saved+8(%rip)\n"
            "movl %edx, main_saved+16(%rip)\n"
            "movq %rsp, main_saved+24(%rip)\n"
            "subq $8, %rsp\n" FILL_ALL("main_bytes", "main_features")
            "cmpl $0, main_saved+16(%rip)\n"
            "je 1f\n"
            "movq main_saved+8(%rip), %rdi\n"
            "xorl %esi, %esi\n"
            "1:\n"
            "callq *main_saved(%rip)\n"
            "movq main_saved+24(%rip), %rsp\n"
            "fninit\n"
            "popq %r15\n popq %r14\n popq %r13\n popq %r12\n popq %rbp\n popq %rbx\n"
            "ret\n");
}

static void call_void(const struct attempt *attempt)
{
    main_call(IA2_IGNORE((const void *)spy_void), NULL, 0);
    spy_publish(attempt->argument);
}
static void call_wide(const struct attempt *attempt)
{
    if (!(main_features & AVX512))
        printf("absent: AVX-512\n");
    call_void(attempt);
}
static void call_int(const struct attempt *attempt)
{
    main_call(IA2_IGNORE((const void *)spy_int), NULL, 1);
    spy_publish(attempt->argument);
}
static void call_double(const struct attempt *attempt)
{
    main_call(IA2_IGNORE((const void *)spy_double), NULL, 1);
    spy_publish(attempt->argument);
}
static void call_pair(const struct attempt *attempt)
{
    struct pair pair;

    main_call(IA2_IGNORE((const void *)spy_pair), &pair, 1);
    spy_publish(attempt->argument);
}
static void return_void(const struct attempt *attempt)
{
    spy_calls(0);
    spy_publish(attempt->argument);
}
static void return_wide(const struct attempt *attempt)
{
    if (!(main_features & AVX512))
        printf("absent: AVX-512\n");
    return_void(attempt);
}
static void return_int(const struct attempt *attempt)
{
    spy_calls(1);
    spy_publish(attempt->argument);
}
static void return_double(const struct attempt *attempt)
{
    spy_calls(2);
    spy_publish(attempt->argument);
}
static void return_pair(const struct attempt *attempt)
{
    spy_calls(3);
    spy_publish(attempt->argument);
}

/* A victim's work after a call: string instructions, floating point of both kinds. */
static void leaves(const struct attempt *attempt)
{
    static unsigned char around[192];
    unsigned char *buffer = around + 64;
    unsigned char *to = buffer;
    const void *from = main_bytes;
    unsigned long count = 16, flags;
    unsigned int mxcsr;
    unsigned short control, environment[14];
    long double x;

    spy_leaves(attempt->argument);
    __asm__ volatile("fnstcw %0\n stmxcsr %1" : "=m"(control), "=m"(mxcsr));
    __asm__ volatile("pushfq\n popq %0" : "=r"(flags));
    if (flags & 1ul << 18) {
        __asm__ volatile("pushfq\n andl $~0x40000, (%%rsp)\n popfq" : : : "memory", "cc");
        BOARD->breached = 1;
    }
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
    __asm__ volatile("cld\n fnstenv %0\n fldenv %0" : "=m"(environment));
    __asm__ volatile("fld1" : "=t"(x));
    if (to != buffer + 16 || (mxcsr & 0xffc0) != 0x1f80 || control != 0x37f || x != 1.0L
        || environment[4] != 0xffff)
        BOARD->breached = 1;
}

static void enters(const struct attempt *attempt) { spy_enters(attempt->argument); }

/* Calls through main_saved[0] and looks whether the callee has kept what it must. */
__attribute__((naked, visibility("hidden"))) unsigned long main_check_saved(void)
{
    __asm__("pushq %rbx\n pushq %rbp\n pushq %r12\n pushq %r13\n pushq %r14\n pushq %r15\n"
            "movq %rsp, main_saved+24(%rip)\n"
            "movl $1, %ebx\n movl $1, %ebp\n movl $1, %r12d\n movl $1, %r13d\n movl $1, %r14d\n"
            "movl $1, %r15d\n"
            "subq $8, %rsp\n"
            "callq *main_saved(%rip)\n"
            "xorl %eax, %eax\n"
            ".irp r, rbx,rbp,r12,r13,r14,r15\n"
            "decq %\\r\n"
            "orq %\\r, %rax\n"
            ".endr\n"
            "movq main_saved+24(%rip), %rsp\n"
            "popq %r15\n popq %r14\n popq %r13\n popq %r12\n popq %rbp\n popq %rbx\n"
            "ret\n");
}

static void trashes(const struct attempt *attempt)
{
    main_saved[0] = (unsigned long)IA2_IGNORE((const void *)spy_trashes);
    if (main_check_saved())
        BOARD->breached = 1;
}

static const struct attempt attempts[] = {
    { "benign", benign },
    { "in-general", call_void, GENERAL },
    { "in-xmm", call_void, XMM },
    { "in-ymm", call_void, UPPER },
    { "in-zmm", call_wide, WIDE | MASKS },
    { "in-x87", call_void, X87 },
    { "in-int", call_int, GENERAL | XMM | UPPER | WIDE | MASKS },
    { "in-double", call_double, GENERAL | XMM | UPPER | WIDE | MASKS },
    { "in-pair", call_pair, GENERAL | XMM | UPPER | WIDE | MASKS },
    { "out-general", return_void, GENERAL },
    { "out-xmm", return_void, XMM },
    { "out-ymm", return_void, UPPER },
    { "out-zmm", return_wide, WIDE | MASKS },
    { "out-x87", return_void, X87 },
    { "out-int", return_int, GENERAL | XMM | UPPER | WIDE | MASKS },
    { "out-double", return_double, GENERAL | XMM | UPPER | WIDE | MASKS },
    { "out-pair", return_pair, GENERAL | XMM | UPPER | WIDE | MASKS },
    { "leaves-direction", leaves, DIRECTION },
    { "leaves-alignment", leaves, ALIGNMENT },
    { "leaves-mxcsr", leaves, MXCSR },
    { "leaves-control-word", leaves, CONTROL_WORD },
    { "leaves-x87-stack", leaves, X87_STACK },
    { "leaves-mmx", leaves, MMX },
    { "leaves-saved", trashes },
    { "enters-direction", enters, DIRECTION },
    { "enters-alignment", enters, ALIGNMENT },
    { "enters-mxcsr", enters, MXCSR },
    { "enters-control-word", enters, CONTROL_WORD },
    { "enters-x87-stack", enters, X87_STACK },
    { "enters-mmx", enters, MMX },
    { NULL },
};

int main(int argc, char **argv)
{
    set_up();
    watch("registers of 1", main_bytes + 8, 8);
    SHAPE(main_bytes);
    memcpy(canaries[0].bytes, main_bytes + 8, 8);
    main_features = (__builtin_cpu_supports("avx") ? AVX : 0)
                    | (__builtin_cpu_supports("avx512bw") ? AVX512 : 0);
    spy_ready(main_features);
    bank_bytes = bank_secret();
    watch_foreign("registers of 2", bank_bytes, 8);
    return attack(attempts, argc, argv);
}

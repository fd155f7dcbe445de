#define _GNU_SOURCE
#include <ia2.h>
#include <judge.h>
#include "parts.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static unsigned char secret[8];
static struct in_registers registers;
static struct in_memory memory;
static struct mixed mixed;

static void fill(void *to, size_t size)
{
    size_t i;

    for (i = 0; i < size; i++)
        ((unsigned char *)to)[i] = secret[i % 8];
}

static void benign(const struct attempt *attempt)
{
    struct in_registers a = { 1, 2, 3 };
    struct in_memory b = { 3, 4, 5, 6, 7 };

    printf("%d %ld %ld\n", spy_honest(a, b, 8), bank_memory().d, bank_registers().b);
}

/* The compiler must not know what is in the fields. */
__attribute__((noinline)) static void pass_registers(struct in_registers *p) { spy_registers(*p); }
__attribute__((noinline)) static void pass_mixed(struct mixed *p) { spy_mixed(*p); }

static void padding_in_registers(const struct attempt *attempt)
{
    fill(&registers, sizeof registers);
    registers.a = 1, registers.b = 2, registers.c = 3;
    pass_registers(&registers);
}
static void padding_in_memory(const struct attempt *attempt)
{
    fill(&memory, sizeof memory);
    memory.a = 1, memory.b = 2, memory.c = 3, memory.d = 4, memory.e = 5;
    spy_memory(memory);
}
static void padding_in_mixed(const struct attempt *attempt)
{
    fill(&mixed, sizeof mixed);
    mixed.a = 1, mixed.b = 2, mixed.c = 3;
    pass_mixed(&mixed);
}
static void padding_of_result(const struct attempt *attempt) { spy_result(attempt->argument); }

__attribute__((naked, visibility("hidden"))) void main_call(const void *gate, unsigned long argument)
{
    __asm__("movq %rdi, %rax\n movq %rsi, %rdi\n jmpq *%rax\n");
}
static void upper_half(const struct attempt *attempt)
{
    unsigned long word;

    memcpy(&word, secret, 8);
    word = word << 32 | 1;
    main_call(IA2_IGNORE((const void *)spy_int), word);
}

static const struct attempt attempts[] = {
    { "benign", benign },
    { "padding-in-registers", padding_in_registers },
    { "padding-in-memory", padding_in_memory },
    { "padding-in-mixed", padding_in_mixed },
    { "padding-of-result", padding_of_result, 0 },
    { "padding-of-result-in-memory", padding_of_result, 1 },
    { "upper-half", upper_half },
    { NULL },
};

int main(int argc, char **argv)
{
    set_up();
    bank_ready();
    watch("memory of 1", secret, sizeof secret);
    watch_foreign("memory of 2", bank_secret(), 16);
    /* Padding comes in parts. */
    canaries[0].part = canaries[1].part = 3;
    return attack(attempts, argc, argv);
}

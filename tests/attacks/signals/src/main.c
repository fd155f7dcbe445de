#define _GNU_SOURCE
#include <ia2.h>
#include <judge.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include "parts.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static unsigned char page[4096] __attribute__((aligned(4096)));
static unsigned long in_register;
static int handled;

/* A handler as programs have it: it skips the instruction that was interrupted. */
void skip(int signal, siginfo_t *info, void *context)
{
    ucontext_t *frame = context;

    handled++;
    frame->uc_mcontext.gregs[REG_RIP] += 0;
    if (BOARD->scratch[4])
        frame->uc_mcontext.gregs[REG_RIP] += 2;
    (void)signal, (void)info;
}
IA2_DEFINE_SIGACTION(skip, 1);

static void install(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_sigaction = IA2_SIGHANDLER(skip);
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGUSR2, &action, NULL);
}

static void *in_thread(void *unused)
{
    raise(SIGUSR1);
    raise(SIGUSR2);
    return unused;
}

/* Where the kernel puts frames. The plain program has no alternate stack by itself. */
static void tell_alternate(void)
{
    static char memory[1 << 16];
    stack_t stack;

    syscall(SYS_sigaltstack, NULL, &stack);
    if (!stack.ss_sp) {
        stack.ss_sp = memory;
        stack.ss_size = sizeof memory;
        stack.ss_flags = 0;
        sigaltstack(&stack, NULL);
    }
    ALTERNATE = (unsigned long)stack.ss_sp;
    ALTERNATE_SIZE = stack.ss_size;
}

static void benign(const struct attempt *attempt)
{
    install();
    raise(SIGUSR2);
    printf("own %d, of 2 %d\n", handled, thief_handled());
}

static void benign_handlers(const struct attempt *attempt)
{
    pthread_t thread;

    install();
    thief_install();
    raise(SIGUSR2);
    raise(SIGUSR1);
    pthread_create(&thread, NULL, in_thread, NULL);
    pthread_join(thread, NULL);
    printf("%d %d\n", handled, thief_handled());
}

static void other_handler(const struct attempt *attempt)
{
    thief_install();
    tell_alternate();
    raise(SIGUSR1);
    printf("resumed\n");
}

static void *hammer(void *unused)
{
    thief_hammer();
    return unused;
}
static void other_thread(const struct attempt *attempt)
{
    pthread_t thread;
    int i;

    install();
    tell_alternate();
    pthread_create(&thread, NULL, hammer, NULL);
    for (i = 0; i < 20000; i++)
        raise(SIGUSR2);
    STOP = 1;
    pthread_join(thread, NULL);
}

/* The secret is in a register when the signal comes. */
static void raise_with_secret(int signal)
{
    __asm__ volatile("movq %0, %%r12\n"
                     "movl %1, %%esi\n"
                     "movl $39, %%eax\n"
                     "syscall\n"
                     "movl %%eax, %%edi\n"
                     "movl $62, %%eax\n"
                     "syscall\n"
                     "xorl %%r12d, %%r12d\n"
                     : : "m"(in_register), "r"(signal)
                     : "rax", "rcx", "rdi", "rsi", "r11", "r12", "memory");
}
static void registers_on_stack(const struct attempt *attempt)
{
    install();
    tell_alternate();
    raise_with_secret(SIGUSR2);
    thief_scan_alternate();
}
static void raw_handler(const struct attempt *attempt)
{
    tell_alternate();
    thief_raw_handler();
    raise_with_secret(SIGUSR2);
    take((void *)FORGED, 64);
}

static void forged_context(const struct attempt *attempt)
{
    install();
    BOARD->scratch[3] = ((unsigned long)__builtin_frame_address(0) & ~4095ul) - 16384 + 8;
    BOARD->scratch[4] = 1;
    thief_deliver((unsigned long)page);
}
static void fake_block(const struct attempt *attempt)
{
    install();
    thief_deliver_with_fake_block((unsigned long)__builtin_frame_address(0), (unsigned long)page);
}
static void growing_frame(const struct attempt *attempt)
{
    unsigned char on_stack[64];
    int i;

    install();
    thief_install();
    memcpy(on_stack, page, sizeof on_stack);
    for (i = 0; i < 200 && !BOARD->breached; i++) {
        pid_t child = fork();
        if (child == 0) {
            thief_deliver_growing((unsigned long)__builtin_frame_address(0), attempt->argument);
            _exit(0);
        }
        waitpid(child, NULL, 0);
        if (memmem((void *)FORGED, FORGED_SIZE, on_stack, 16))
            BOARD->breached = 1;
    }
    __asm__ volatile("" : : "r"(on_stack) : "memory");
}

static int worked;
void main_work(void)
{
    __asm__ volatile("movq %0, %%r12\n nop\n nop\n nop\n xorl %%r12d, %%r12d\n"
                     : : "m"(in_register) : "r12");
    worked++;
}
static void single_steps(const struct attempt *attempt)
{
    thief_single_steps();
    printf("worked %d\n", worked);
}

static const struct attempt attempts[] = {
    { "benign", benign },
    { "benign-handlers", benign_handlers },
    { "own-handler-edits-frames", other_handler },
    { "other-thread-edits-frames", other_thread, 0, 300 },
    { "registers-on-alternate-stack", registers_on_stack },
    { "raw-handler-sees-registers", raw_handler },
    { "forged-context", forged_context },
    { "forged-delivery-with-fake-block", fake_block },
    { "single-steps", single_steps },
    { "growing-frame", growing_frame, SIGUSR1, 300, 1 },
    { "growing-frame-of-victim", growing_frame, SIGUSR2, 300, 1 },
    { NULL },
};

int main(int argc, char **argv)
{
    set_up();
    mmap((void *)FORGED, FORGED_SIZE, PROT_READ | PROT_WRITE,
         MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    watch("page", page, 64);
    in_register = *(unsigned long *)page & ~0xfffful;
    in_register |= 0x5ec7;
    watch_foreign("register", &in_register, 8);
    memcpy(canaries[1].bytes, &in_register, 8);
    return attack(attempts, argc, argv);
}

#define _GNU_SOURCE
#include <ia2.h>
#include <judge.h>
#include <pthread.h>
#include <sys/syscall.h>
#include "parts.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int constructed;
static unsigned char canary[16];

__attribute__((constructor)) static void construct(void)
{
    if (constructed++)
        ran(CONSTRUCTOR);
}
__attribute__((destructor)) static void destruct(void)
{
    if (!(ia2_get_pkru() >> 2 & 1))
        DESTRUCTORS++;
}

/* What fake tasks point to. */
__attribute__((used)) static void *start_routine(void *unused)
{
    ran(START_ROUTINE);
    return unused;
}

static void benign(const struct attempt *attempt)
{
    printf("%d %d\n", bank_work(1000), intrude_honest(1));
}

/* One hook in a process of its own; then the victims go on. */
static int try(int hook, int how)
{
    static const unsigned long default_action[4];
    pid_t child = fork();
    int status;

    if (child == 0) {
        syscall(SYS_rt_sigaction, SIGSEGV, default_action, NULL, 8);
        syscall(SYS_rt_sigaction, SIGILL, default_action, NULL, 8);
        alarm(5);
        intrude(hook, how);
        if (bank_work(200))
            BOARD->breached = 1;
        check_canaries();
        _exit(42);
    }
    waitpid(child, &status, 0);
    BOARD->tries++;
    return status;
}

static void fill_fake(void)
{
    unsigned long *word;

    for (word = (unsigned long *)FAKE; word < (unsigned long *)(FAKE + FAKE_SIZE); word++)
        *word = (unsigned long)word < FAKE + FAKE_SIZE / 4 ? 0 : (unsigned long)start_routine;
}

static void all(const struct attempt *attempt)
{
    int hook, how, came_back = 0;

    fill_fake();
    for (hook = 0; hook < 256; hook++)
        for (how = 0; how < 5; how++)
            came_back += try(hook, how) == 42 << 8;
    printf("%s\n", came_back ? "some hooks do no harm" : "no hook comes back");
    if (attempt->argument && DESTRUCTORS)
        BOARD->breached = 1;
    for (hook = 256; hook < 5000; hook += 237)
        try(hook, 1);
    for (hook = 0; hook < 32; hook++)
        try((int)(1u << hook), 1);
}

static const struct attempt attempts[] = {
    { "benign", benign },
    { "every-hook", all, 0, 600, 1 },
    { "early-destructors", all, 1, 600, 1 },
    { NULL },
};

int main(int argc, char **argv)
{
    if (constructed > 10)
        ran(MAIN);
    constructed = 11;
    set_up();
    mmap((void *)FAKE, FAKE_SIZE, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    watch("memory of 1", canary, sizeof canary);
    return attack(attempts, argc, argv);
}

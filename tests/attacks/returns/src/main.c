#define _GNU_SOURCE
#include <ia2.h>
#include <judge.h>
#include "parts.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static unsigned char secret[48];

static void benign(const struct attempt *attempt)
{
    printf("%d %d %d\n", spy_remember(4), bank_ask(), bank_relay(-1));
    printf("%d\n", spy_called_back(1));
}

/* 3 was called by 1 once, and keeps what it needs to return. Now 2 calls it. */
static void skip_middle(const struct attempt *attempt)
{
    spy_remember(1);
    if (bank_relay(SKIP_MIDDLE) == 99 || IN_BANK)
        BOARD->breached = 1;
}

/* 3 was called by 2 once; 2 is idle now. */
static void idle_victim(const struct attempt *attempt)
{
    bank_ask();
    spy_return(IDLE_VICTIM);
    BOARD->breached = 1;
}

/* The callee writes over its caller's frames, which are not on its stack. */
__attribute__((noinline)) static unsigned long call_ruin(void)
{
    volatile unsigned long frame[16];
    unsigned long i, changed = 0;

    for (i = 0; i < 16; i++)
        frame[i] = i;
    spy_ruin();
    for (i = 0; i < 16; i++)
        changed |= frame[i] != i;
    if (changed) {
        /* There may be nothing to return to. */
        BOARD->breached = 1;
        _exit(0);
    }
    return changed;
}
static void ruin(const struct attempt *attempt)
{
    if (call_ruin() == 0)
        printf("came back unharmed\n");
}

static void result_elsewhere(const struct attempt *attempt)
{
    struct record record = spy_record((unsigned long *)secret);

    printf("%ld %ld\n", record.words[0], record.words[5]);
    if (record.words[0] != 7)
        BOARD->breached = 1;
}

static void move_stack(const struct attempt *attempt)
{
    printf("target %p\n", (void *)(secret + 24));
    fflush(stdout);
    printf("%d\n", spy_move_stack((unsigned long)secret + 32));
    /* The next call finds that stack pointer. */
    printf("%d\n", spy_called_back(2));
}

static const struct attempt attempts[] = {
    { "benign", benign },
    { "skip-middle", skip_middle },
    { "idle-victim", idle_victim },
    { "ruin-own-stack", ruin },
    { "result-elsewhere", result_elsewhere },
    { "stack-pointer-elsewhere", move_stack },
    { NULL },
};

int main(int argc, char **argv)
{
    set_up();
    watch("memory of 1", secret, sizeof secret);
    return attack(attempts, argc, argv);
}

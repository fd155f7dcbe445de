#define _GNU_SOURCE
#include <ia2.h>
#include <judge.h>
#include "parts.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static unsigned char page[4096] __attribute__((aligned(4096)));

static void benign(const struct attempt *attempt)
{
    printf("%d %d\n", thief_honest("four"), thief_gate(3));
}

static void ask(const struct attempt *attempt)
{
    memcpy((void *)BOARD->scratch, page, attempt->argument == FUTEX ? 4 : 0);
    thief_ask_kernel(attempt->argument, page);
    check_canaries();
}

static const struct attempt attempts[] = {
    { "benign", benign },
    { "read-proc-self-mem", ask, PROC_MEM, 0, 1 },
    { "write-proc-self-mem", ask, PROC_MEM_WRITE, 0, 1 },
    { "read-proc-thread-self-mem", ask, THREAD_MEM, 0, 1 },
    { "read-proc-task-mem", ask, TASK_MEM, 0, 1 },
    { "process-vm-readv", ask, VM_READ, 0, 1 },
    { "process-vm-writev", ask, VM_WRITE, 0, 1 },
    { "ptrace-from-child", ask, PTRACE, 0, 1 },
    { "mmap-fixed", ask, MAP_OVER, 0, 1 },
    { "munmap-and-map", ask, UNMAP, 0, 1 },
    { "mremap", ask, MOVE, 0, 1 },
    { "pkey-mprotect", ask, PKEY_MPROTECT, 0, 1 },
    { "pkey-free-and-alloc", ask, PKEY_ALLOC, 0, 1 },
    { "mprotect-gate-text", ask, MPROTECT_CODE, 0, 1 },
    { "rwx-with-own-wrpkru", ask, RWX, 0, 1 },
    { "madvise-dontneed", ask, DONT_NEED, 0, 1 },
    { "userfaultfd-copy", ask, USERFAULT, 0, 1 },
    { "shmat-remap", ask, SHARED_MEMORY, 0, 1 },
    { "handler-edits-saved-pkru", ask, HANDLER_PKRU, 0, 1 },
    { "forged-sigreturn", ask, SIGRETURN, 0, 1 },
    { "write-from-victim", ask, WRITE_CALL, 0, 1 },
    { "read-into-victim", ask, READ_CALL, 0, 1 },
    { "vmsplice-from-victim", ask, SPLICE, 0, 1 },
    { "futex-on-victim", ask, FUTEX, 0, 1 },
    { "mprotect-victim", ask, MPROTECT, 0, 1 },
    { NULL },
};

int main(int argc, char **argv)
{
    set_up();
    watch("page", page, 16);
    return attack(attempts, argc, argv);
}

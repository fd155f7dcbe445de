#ifndef PARTS_H
#define PARTS_H

enum {
    PROC_MEM, PROC_MEM_WRITE, THREAD_MEM, TASK_MEM, VM_READ, VM_WRITE, PTRACE, MAP_OVER, UNMAP, MOVE,
    PKEY_MPROTECT, PKEY_ALLOC, MPROTECT_CODE, RWX, DONT_NEED, USERFAULT, SHARED_MEMORY,
    HANDLER_PKRU, SIGRETURN,
    /* These respect keys. */
    WRITE_CALL, READ_CALL, SPLICE, FUTEX, MPROTECT,
};

void thief_ask_kernel(int how, unsigned char *target);
int thief_honest(const char *text);
/* Nothing but a gate to be overwritten. */
int thief_gate(int number);

#endif

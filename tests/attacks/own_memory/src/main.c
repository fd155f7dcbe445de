#define _GNU_SOURCE
#include <ia2.h>
#include <dlfcn.h>
#include <elf.h>
#include <judge.h>
#include <link.h>
#include "parts.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

extern char ia2_vault[] __attribute__((weak));
extern const unsigned long ia2_table[] __attribute__((weak));
extern char ia2_callgates[] __attribute__((weak));
extern __thread char ia2_thread_block[] __attribute__((weak));

enum { VAULT, OWN_VAULT, STATE, THREAD_PAGE, TABLE, DESCRIPTOR, STUBS, GATE_CODE, RUNTIME_CODE, SEALED,
       RELRO, OFFSET_TABLE };

static void benign(const struct attempt *attempt)
{
    count_fn fn = thief_fn();

    printf("%d %d\n", thief_count(1), fn(2));
}

/* The executable's RELRO segment: constructors, its table of offsets, the runtime's sealed root. */
static int find_relro(struct dl_phdr_info *info, size_t size, void *found)
{
    int i;

    for (i = 0; !info->dlpi_name[0] && i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_GNU_RELRO)
            *(ElfW(Phdr) *)found = info->dlpi_phdr[i], ((ElfW(Phdr) *)found)->p_vaddr += info->dlpi_addr;
    return 0;
}

static void *target(int what)
{
    count_fn fn = thief_fn();
    ElfW(Phdr) relro = { 0 };

    dl_iterate_phdr(find_relro, &relro);
    switch (what) {
    case VAULT: return ia2_vault + 8192;
    case OWN_VAULT: return ia2_vault + 2 * 8192;
    case STATE: return ia2_vault + 8192 + 4096;
    case THREAD_PAGE: return ia2_thread_block + 4096;
    case TABLE: return (void *)ia2_table;
    case DESCRIPTOR: return ia2_callgates;
    case STUBS: return *(char **)&fn;
    case GATE_CODE: return (void *)IA2_IGNORE((void *)thief_count);
    case RUNTIME_CODE: return dlsym(RTLD_DEFAULT, "ia2_enter");
    case RELRO: return (char *)relro.p_vaddr + 64;
    default: return (char *)relro.p_vaddr + relro.p_memsz - 64;
    }
}

static void read_it(const struct attempt *attempt)
{
    printf("target %p\n", target(attempt->argument));
    fflush(stdout);
    thief_read(target(attempt->argument));
}

static void write_it(const struct attempt *attempt)
{
    printf("target %p\n", target(attempt->argument));
    fflush(stdout);
    thief_write(target(attempt->argument));
}

static const struct attempt attempts[] = {
    { "benign", benign },
    { "read-secrets", read_it, VAULT },
    { "read-state", read_it, STATE },
    { "read-control-page", read_it, THREAD_PAGE },
    { "write-secrets", write_it, VAULT },
    { "write-own-secrets", write_it, OWN_VAULT },
    { "write-state", write_it, STATE },
    { "write-control-page", write_it, THREAD_PAGE },
    { "write-table", write_it, TABLE },
    { "write-descriptor", write_it, DESCRIPTOR },
    { "write-stubs", write_it, STUBS },
    { "write-gates", write_it, GATE_CODE },
    { "write-runtime-code", write_it, RUNTIME_CODE },
    { "write-relro", write_it, RELRO },
    { "write-offset-table", write_it, OFFSET_TABLE },
    { NULL },
};

int main(int argc, char **argv)
{
    set_up();
    return attack(attempts, argc, argv);
}

#ifndef CALLS_H
#define CALLS_H
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where calls of a function should lead from a compartment; NULL in the plain build. */
const void *probe_wanted(const char *name, int compartment);

/* Where the calls of a function by the calling object lead. */
static inline const void *call_target(const char *name)
{
    const ElfW(Sym) *symbols = NULL;
    const char *strings = NULL;
    const ElfW(Rela) *calls = NULL;
    size_t size = 0;
    extern const char __ehdr_start[] __attribute__((visibility("hidden")));

    for (const ElfW(Dyn) *entry = _DYNAMIC; entry->d_tag != DT_NULL; entry++)
        switch (entry->d_tag) {
        case DT_SYMTAB:
            symbols = (const void *)entry->d_un.d_ptr;
            break;
        case DT_STRTAB:
            strings = (const void *)entry->d_un.d_ptr;
            break;
        case DT_JMPREL:
            calls = (const void *)entry->d_un.d_ptr;
            break;
        case DT_PLTRELSZ:
            size = entry->d_un.d_val;
        }
    for (size_t i = 0; i < size / sizeof *calls; i++)
        if (!strcmp(strings + symbols[ELF64_R_SYM(calls[i].r_info)].st_name, name))
            return *(const void **)(__ehdr_start + calls[i].r_offset);
    return NULL;
}

/* Prints which calls lead to the functions of a compartment, or to those for anybody in 0. */
static inline void print_targets(int compartment)
{
    char line[100] = "", *end = line + sprintf(line, "%d:", compartment);
    const char *names[] = {"malloc", "calloc", "free"};
    void *block = malloc(10), *zeros = calloc(1, 10);

    for (int i = 0; i < 3; i++) {
        const void *wanted = probe_wanted(names[i], compartment);
        char name[20];
        sprintf(name, wanted && compartment ? "__wrap_%s" : "%s", names[i]);
        int is_right = !wanted || (call_target(name) == wanted) == (compartment != 0);
        end += sprintf(end, " %s%s", is_right ? "" : "wrong ", names[i]);
    }
    puts(line);
    free(block);
    free(zeros);
}

void lib_start(void);
void open_start(void);
void *lib_block(void);

#endif

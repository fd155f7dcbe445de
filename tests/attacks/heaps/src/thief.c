#include <ia2.h>
#include <ia2_allocator.h>
#include <attack.h>
#include <stdio.h>
#include <stdlib.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

/* Absent from the plain program. */
extern __thread char ia2_thread_block[] __attribute__((weak));

void *thief_malloc(size_t size) { return malloc(size); }
void thief_free(void *block) { free(block); }
void thief_free_shared(void *block) { shared_free(block); }
void *thief_realloc(void *block, size_t size) { return realloc(block, size); }

void thief_overflow(void *block, size_t size, int backwards)
{
    volatile unsigned char *byte = block;
    size_t i;

    for (i = 0; i < size; i++)
        *(backwards ? byte - i : byte + i) = 0x41;
}

void thief_take(const void *block, size_t size) { take(block, size); }

/* Fills the shared heap's metadata: all that can be written behind its blocks, up to a terabyte. */
void thief_forge(void *shared, unsigned long target)
{
    unsigned long from, to, word;
    char line[512], rights[5];
    FILE *maps = fopen("/proc/self/maps", "r");
    static struct { unsigned long from, to; } found[64];
    int count = 0, i;

    while (fgets(line, sizeof line, maps) && count < 64)
        if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) == 3 && !strcmp(rights, "rw-p")
            && from > (unsigned long)shared && from - (unsigned long)shared < 1ul << 38)
            found[count].from = from, found[count++].to = to;
    fclose(maps);
    printf("%s\n", count ? "metadata found" : "no metadata found");
    fflush(stdout);
    for (i = 0; i < count; i++)
        for (word = found[i].from; word < found[i].to; word += 8)
            *(volatile unsigned long *)word = target;
}

/*
 * Where the running thread takes blocks of the shared heap from: layout::thread_block::HEAP of page 0,
 * a word that names the thread's cache, then a word for each size.
 */
void thief_forge_slot(unsigned long name, unsigned long place)
{
    volatile unsigned long *word;
    int i;

    if (!&ia2_thread_block)
        return;
    word = (volatile unsigned long *)(ia2_thread_block + 2304);
    if (name)
        word[0] = name;
    for (i = 1; i < 128; i++)
        word[i] = place;
}

int thief_honest(int count)
{
    int *numbers = malloc(sizeof *numbers * (size_t)count), i, sum = 0;

    for (i = 0; i < count; i++)
        numbers[i] = i;
    for (i = 0; i < count; i++)
        sum += numbers[i];
    free(numbers);
    return sum;
}

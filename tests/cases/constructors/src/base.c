#include <ia2.h>
#include <stdio.h>
#include <stdlib.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int count;
static char *memory;

__attribute__((constructor(200))) static void second(void)
{
    memory[0]++;
    printf("base second %d\n", memory[0]);
}
__attribute__((constructor(150))) static void first(void)
{
    memory = malloc(10);
    memory[0] = 1;
    printf("base first\n");
}
__attribute__((destructor)) static void last(void)
{
    free(memory);
    printf("base last %d\n", count);
    fflush(stdout);
}
void base_log(const char *text)
{
    count++;
    printf("log %d: %s\n", count, text);
}
int base_count(void) { return count; }

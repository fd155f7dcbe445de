#include <ia2.h>
#include <attack.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

void thief_read(const void *from)
{
    take(from, 16);
    BOARD->breached = 1;
}

void thief_write(void *to)
{
    *(volatile unsigned char *)to = 0;
    BOARD->breached = 1;
}

static int count(int number) { return number + 1; }
int thief_count(int number) { return count(number); }
count_fn thief_fn(void) { return count; }

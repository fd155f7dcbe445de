#pragma once
#include <errno.h>
#include <stdlib.h>

/* Allocates until there is no more, at most 64 MiB; then frees all. Returns how many MiB that were. Without
 * compartments nothing is limited, so the limit is what it should be. */
static int limit_here(int expected)
{
#if IA2_ENABLE
    static char *blocks[1024];
    int count = 0;
    while (count < 1024 && (blocks[count] = malloc(65000)))
        count++;
    if (count < 1024 && errno != ENOMEM)
        return -1;
    for (int i = 0; i < count; i++)
        free(blocks[i]);
    return count == 1024 ? 0 : (count + 15) / 16;
#else
    return expected;
#endif
}

int store_limit(int expected);

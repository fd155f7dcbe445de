#include <ia2.h>
#include "store.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

static entry_t entries[16];
static unsigned size;
static long total = 300;

bool store_put(entry_t entry)
{
    if (size == 16)
        return false;
    entries[size++] = entry;
    total += entry.key;
    return true;
}

entry_t store_get(int key)
{
    for (unsigned i = 0; i < size; i++)
        if (entries[i].key == key)
            return entries[i];
    return (entry_t){ -1, 0, 0.0 };
}

unsigned store_size(void) { return size; }
long *store_total(void) { return &total; }

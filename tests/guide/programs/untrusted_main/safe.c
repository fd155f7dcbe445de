#include <ia2.h>
#include <stdlib.h>
#include "safe.h"
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

struct safe {
    int pin;
    int treasure;
    int tries;
};

static void (*watch)(int tries);

struct safe *safe_open(int pin)
{
    struct safe *safe = malloc(sizeof *safe);
    *safe = (struct safe){ pin, 4711, 0 };
    return safe;
}

void safe_watch(void (*watcher)(int tries))
{
    watch = watcher;
}

int safe_take(struct safe *safe, int pin)
{
    if (safe->pin == pin)
        return safe->treasure;
    safe->tries++;
    if (watch)
        watch(safe->tries);
    return -1;
}

void safe_close(struct safe *safe) { free(safe); }

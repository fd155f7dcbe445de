#define _GNU_SOURCE
#include <ia2.h>
#include <dlfcn.h>
#include <attack.h>
#include "parts.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

void spy_forge(struct box *box, unsigned long address) { memcpy(&box->event, &address, sizeof address); }

/* Keeps changing the pointer, between an honest one and a forged one. */
void spy_flip(struct box *box, unsigned long address)
{
    unsigned long honest;

    memcpy(&honest, &box->event, sizeof honest);
    BOARD->scratch[1] = 1;
    while (!BOARD->scratch[0]) {
        __atomic_store_n((unsigned long *)&box->event, address, __ATOMIC_RELAXED);
        __atomic_store_n((unsigned long *)&box->event, honest, __ATOMIC_RELAXED);
        __atomic_store_n((unsigned long *)&box->event, honest, __ATOMIC_RELAXED);
    }
}

static int event(int number) { return number * 5; }
event_fn spy_event(void) { return event; }
int spy_honest(struct box *box)
{
    box->event = event;
    return bank_call(box, 2);
}

unsigned long spy_look_up(void) { return (unsigned long)dlsym(RTLD_DEFAULT, "abs"); }

void spy_forge_other(struct box *box, unsigned long address) { memcpy(&box->other, &address, sizeof address); }

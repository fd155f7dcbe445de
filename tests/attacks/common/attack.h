/*
 * attack.h - what all compartments of an attack program share: a board on key 0.
 *
 * Victims count on it how often their functions ran; attackers put there what they got hold of. It
 * outlives the process that makes an attempt, so a judge can read it afterwards (judge.h).
 */
#ifndef ATTACK_H
#define ATTACK_H

#include <stddef.h>
#include <string.h>

/* Where the board is mapped in every process: an address nobody else is given. */
#define BOARD ((struct board *)0x200000000000UL)

struct board {
    /* How often each function of a victim ran that the attacker must not reach. */
    volatile unsigned long calls[16];
    /* What the attacker read. */
    volatile unsigned char loot[4096];
    volatile size_t loot_size;
    /* How often code of the attacker ran with rights that are not its own, and the last of them. */
    volatile unsigned long landed;
    volatile unsigned int landed_pkru;
    /* An attempt that judges itself says here that it succeeded. */
    volatile unsigned long breached;
    /* How many single tries an attempt consisted of, where it counts them. */
    volatile unsigned long tries;
    /* For whatever an attack program needs. */
    volatile unsigned long scratch[64];
};

static inline void count_call(unsigned function)
{
    __atomic_fetch_add(&BOARD->calls[function], 1, __ATOMIC_RELAXED);
}

/*
 * A victim's function runs, with the victim's rights: anybody may execute its code with their own.
 * In the plain program everybody has all rights.
 */
#define ran(function)                                                                              \
    do {                                                                                           \
        if (!(ia2_get_pkru() >> 2 * PKEY & 1))                                                     \
            count_call(function);                                                                  \
    } while (0)

/* The attacker has these bytes. */
static inline void take(const void *bytes, size_t size)
{
    size_t i;

    for (i = 0; i < size && BOARD->loot_size < sizeof BOARD->loot; i++)
        BOARD->loot[BOARD->loot_size++] = ((const volatile unsigned char *)bytes)[i];
}

/* The same for one word. */
static inline void take_word(unsigned long word)
{
    take(&word, sizeof word);
}

#endif

#define _GNU_SOURCE
#include <ia2.h>
#include <ia2_allocator.h>
#include <judge.h>
#include "parts.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static unsigned char *before, *behind, *block, global[64];

static void benign(const struct attempt *attempt)
{
    char *text = shared_strdup("shared");

    printf("%d %s %d\n", thief_honest(100), text, block != NULL);
    shared_free(text);
    free(malloc(100));
}

static void overflow(const struct attempt *attempt) { thief_overflow(block, 1 << 22, attempt->argument); }

/* The attacker gets memory that the victim has freed, with what is left in it. */
static void reuse(const struct attempt *attempt)
{
    unsigned char *mine = malloc(200);
    void *yours;
    int i;

    memcpy(mine + 64, global, sizeof global);
    /* Not to be left out because nobody here reads it again. */
    __asm__ volatile("" : : "r"(mine) : "memory");
    free(mine);
    for (i = 0; i < 100; i++) {
        yours = thief_malloc(200);
        thief_take((unsigned char *)yours + 64, 32);
    }
}

/* The victim gets memory that the attacker has freed and still points to. */
static void dangling(const struct attempt *attempt)
{
    unsigned char *yours = thief_malloc(200), *mine;
    int i;

    thief_free(yours);
    for (i = 0; i < 100; i++) {
        mine = malloc(200);
        memcpy(mine + 64, global, sizeof global);
    }
    thief_take(yours + 64, 64);
}

/* The attacker frees a block of the victim; then both have the next of that size. */
static void foreign(const struct attempt *attempt)
{
    unsigned char *mine = malloc(200), *yours;

    memcpy(mine + 64, global, sizeof global);
    printf("foreign\n");
    fflush(stdout);
    switch (attempt->argument) {
    case 0: thief_free(mine); break;
    case 1: thief_free_shared(mine); break;
    case 2: thief_take(thief_realloc(mine, 300), 200); break;
    default: thief_free(mine + 16); break;
    }
    yours = thief_malloc(200);
    thief_take(yours + 64, 32);
    if (yours == mine)
        BOARD->breached = 1;
}

/* The victim uses the shared heap whose metadata the attacker has overwritten. */
static void use_shared(void)
{
    static const size_t sizes[] = { 16, 100, 1000, 5000, 40000, 300000 };
    int i, round;

    for (round = 0; round < 20; round++)
        for (i = 0; i < 6; i++) {
            unsigned char *memory = shared_malloc(sizes[i]);
            if (memory)
                memset(memory, 0x42, sizes[i]);
            if (round % 3 == 0)
                shared_free(memory);
        }
}
static void forge(const struct attempt *attempt)
{
    unsigned long shared = (unsigned long)shared_malloc(100), target = (unsigned long)global;

    use_shared();
    switch (attempt->argument) {
    case 0:
        thief_forge((void *)shared, target);
        break;
    case 1:
        thief_forge_slot(target, target);
        break;
    case 2:
        /* As distances, from where a heap may begin. */
        thief_forge_slot(0, target - (shared & -(1ul << 36)));
        break;
    case 3:
        thief_forge_slot(0, target - (shared & -(1ul << 30)));
        break;
    case 4:
        thief_forge_slot(-1ul, -64ul);
        break;
    }
    printf("forged\n");
    fflush(stdout);
    use_shared();
}

static const struct attempt attempts[] = {
    { "benign", benign },
    { "overflow", overflow, 0 },
    { "underflow", overflow, 1 },
    { "reuse", reuse },
    { "dangling", dangling },
    { "free-foreign", foreign, 0 },
    { "free-foreign-as-shared", foreign, 1 },
    { "realloc-foreign", foreign, 2 },
    { "free-inside-foreign", foreign, 3 },
    { "forge-shared-metadata", forge, 0 },
    { "forge-thread-slot", forge, 1 },
    { "forge-thread-slot-by-distance", forge, 2 },
    { "forge-thread-slot-by-short-distance", forge, 3 },
    { "forge-thread-slot-wildly", forge, 4 },
    { NULL },
};

int main(int argc, char **argv)
{
    set_up();
    before = malloc(64);
    block = thief_malloc(64);
    behind = malloc(64);
    watch("global", global, sizeof global);
    watch("block before", before, 64);
    watch("block behind", behind, 64);
    return attack(attempts, argc, argv);
}

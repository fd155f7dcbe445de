#define _GNU_SOURCE
#include <ia2.h>
#include <ia2_allocator.h>
#include <judge.h>
#include <pthread.h>
#include <sched.h>
#include "parts.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static struct box *box;

int main_event(int number)
{
    ran(OPEN_SAFE);
    return number;
}

/* A pointer of this type to a function of 1 is given to 2 by 1 itself, somewhere else. */
static int of_main(int number) { return number + 10; }

static void benign(const struct attempt *attempt)
{
    bank_offer(box);
    printf("%d %d\n", bank_call(box, 1), spy_honest(box));
    box->event = of_main;
    printf("%d %ld\n", bank_call(box, 1), box->other(5, 3));
    box->event = spy_event();
    printf("%d\n", bank_call(box, 3));
}

enum { NONE, TYPE, MIDDLE, FAKE_STUB, PRIVATE_CODE, LIBRARY, LOOKED_UP, GATE, BEFORE, BEYOND, HIGH };

/* Something that a caller could take for a stub: the hash in front, code behind. */
static unsigned long fake_stub(unsigned long honest)
{
    unsigned long code = 0x200000400000UL;
    unsigned char jump[] = { 0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0 };
    unsigned long target = bank_private();
    int slot;

    mmap((void *)code, 8192, PROT_READ | PROT_WRITE | PROT_EXEC,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    memcpy(jump + 2, &target, 8);
    /* In the plain program there is no hash; what is in front of the function will do. */
    memcpy((void *)(code + 4096 - 8), (void *)(honest - 8), 8);
    memcpy((void *)(code + 4096), jump, sizeof jump);
    for (slot = 0; slot < 16; slot++)
        memcpy((void *)(code + 4096 + 128 + 16 * (unsigned)slot), jump, sizeof jump);
    return code + 4096;
}

static unsigned long forged(int how)
{
    unsigned long honest, other;

    bank_offer(box);
    memcpy(&honest, &box->event, sizeof honest);
    memcpy(&other, &box->other, sizeof other);
    switch (how) {
    case TYPE: return other;
    case MIDDLE: return honest + 16;
    case FAKE_STUB: return fake_stub(honest);
    case PRIVATE_CODE: return bank_private();
    case LIBRARY: return (unsigned long)IA2_IGNORE((void *)abs);
    case LOOKED_UP: return bank_look_up() ? spy_look_up() : 0;
    case GATE: return (unsigned long)IA2_IGNORE((void *)bank_private_number);
    case BEFORE: return honest - (1ul << 20);
    case BEYOND: return honest + (1ul << 20);
    case HIGH: return honest | 1ul << 63;
    default: return 0;
    }
}

static void forge(const struct attempt *attempt)
{
    spy_forge(box, forged(attempt->argument));
    printf("%d\n", bank_call(box, 1));
    /* The plain program calls what it is told to. */
    if (attempt->argument == LIBRARY || attempt->argument == LOOKED_UP
        || attempt->argument == TYPE || attempt->argument == GATE)
        BOARD->breached = 1;
}

/* What the victim has looked up itself, but to call it by another type. */
static void forge_other(const struct attempt *attempt)
{
    bank_offer(box);
    spy_forge_other(box, bank_magnitude());
    printf("%ld\n", bank_call_other(box));
    BOARD->breached = 1;
}

static void *flip(void *address)
{
    spy_flip(box, (unsigned long)address);
    return NULL;
}

/* Between the check of a pointer and the call. */
static void race(const struct attempt *attempt)
{
    unsigned long address = forged(PRIVATE_CODE);
    pthread_t thread;
    int i;

    pthread_create(&thread, NULL, flip, (void *)address);
    while (!BOARD->scratch[1])
        sched_yield();
    /* It ends with the first forged pointer that is seen, which is soon, but not always. */
    for (i = 0; i < 100000000; i++) {
        /* With one CPU the pointer only changes while the other thread runs. */
        if (i % 1000 == 0)
            sched_yield();
        bank_call(box, 1);
    }
    BOARD->scratch[0] = 1;
    pthread_join(thread, NULL);
}

/* An honest pointer that the intruder was given, to a function it may not call itself. */
static void pass_on(const struct attempt *attempt)
{
    event_fn fn = main_event;
    unsigned long address;

    memcpy(&address, &fn, sizeof address);
    spy_forge(box, address);
    bank_call(box, 1);
}

static const struct attempt attempts[] = {
    { "benign", benign },
    { "wrong-type", forge, TYPE },
    { "middle-of-stub", forge, MIDDLE },
    { "fake-stub", forge, FAKE_STUB },
    { "private-function", forge, PRIVATE_CODE },
    { "library-function", forge, LIBRARY },
    { "looked-up-by-another", forge, LOOKED_UP },
    { "looked-up-for-another-type", forge_other },
    { "gate", forge, GATE },
    { "before-the-stubs", forge, BEFORE },
    { "beyond-the-stubs", forge, BEYOND },
    { "not-canonical", forge, HIGH },
    { "null", forge, NONE },
    { "changed-after-check", race, 0, 300 },
    { "passed-on", pass_on },
    { NULL },
};

int main(int argc, char **argv)
{
    set_up();
    box = shared_malloc(sizeof *box);
    return attack(attempts, argc, argv);
}

#define _GNU_SOURCE
#include <ia2.h>
#include <attack.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static unsigned char *canary;
static unsigned char copy[16];
static int balance;

__attribute__((constructor)) static void set_up(void)
{
    /* The board does not exist yet; a second run would fault on a null pointer or be counted. */
    if (balance++)
        ran(CONSTRUCTOR);
}

int bank_add(int a, int b)
{
    ran(BANK_ADD);
    return a + b;
}

struct table bank_table(long a, long b, long c, long d, long e, long f, long g, struct table h)
{
    ran(BANK_TABLE);
    h.cells[0] += a + b + c + d + e + f + g;
    return h;
}

double bank_mean(double a, double b)
{
    ran(BANK_MEAN);
    return (a + b) / 2;
}

int bank_relay(int depth, unsigned long target, unsigned seed)
{
    int result;

    STACK_OF_2 = (unsigned long)__builtin_frame_address(0);
    IN_BANK = 1;
    result = depth ? open_safe(7) : 0;
    BOARD->calls[OPEN_SAFE] = 0;
    result += intrude(target, seed);
    IN_BANK = 0;
    return result;
}

int bank_notify(event_fn fn, int number) { return fn(number) + bank_add(number, balance); }

int bank_public(int number)
{
    main_log(number);
    return number + 1;
}

/* A page that survives a fork as one: changes by any process are seen by all. */
unsigned char *bank_canary(void)
{
    canary = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (getrandom(canary, sizeof copy, 0) != sizeof copy)
        __builtin_trap();
    memcpy(copy, canary, sizeof copy);
    syscall(SYS_pkey_mprotect, canary, 4096, PROT_READ | PROT_WRITE, PKEY);
    return canary;
}

int bank_canary_changed(void) { return memcmp(copy, canary, sizeof copy) != 0; }

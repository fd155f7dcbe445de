#define _GNU_SOURCE
#include <ia2.h>
#include <judge.h>
#include "parts.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static unsigned char page[4096] __attribute__((aligned(4096)));

static void benign(const struct attempt *attempt) { printf("%d\n", thief_honest(6)); }
static void use(const struct attempt *attempt) { thief_use(attempt->argument, page); }

static const struct attempt attempts[] = {
    { "benign", benign },
    { "pkey-set", use, PKEY_SET },
    { "xrstor", use, XRSTOR },
    { NULL },
};

int main(int argc, char **argv)
{
    set_up();
    watch("page", page, 16);
    return attack(attempts, argc, argv);
}

#define _GNU_SOURCE
#include <ia2.h>
#include <judge.h>
#include "parts.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static void benign(const struct attempt *attempt) { printf("%d %d\n", spy_honest(3), spy_honest(255)); }
static void pick(const struct attempt *attempt) { spy_picks(attempt->argument); }

static const struct attempt attempts[] = {
    { "benign", benign },
    { "unsigned-char", pick, 0 },
    { "signed-char", pick, 1 },
    { "bool", pick, 2 },
    { NULL },
};

int main(int argc, char **argv)
{
    set_up();
    bank_ready();
    watch_foreign("memory of 2", bank_secret(), 16);
    return attack(attempts, argc, argv);
}

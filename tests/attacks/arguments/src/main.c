#define _GNU_SOURCE
#include <ia2.h>
#include <judge.h>
#include "parts.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static unsigned char page[16], *banks_page;

static void benign(const struct attempt *attempt) { printf("%d\n", spy_honest()); }

static void use(const struct attempt *attempt)
{
    unsigned char *target = attempt->argument & 2 ? banks_page : page;

    printf("target %p\n", (void *)target);
    fflush(stdout);
    if (attempt->argument & 1)
        spy_write_by_bank(target);
    else
        spy_read_by_bank(target);
}

static const struct attempt attempts[] = {
    { "benign", benign },
    { "read-third-party", use, 0 },
    { "write-third-party", use, 1 },
    { "read-callee", use, 2 },
    { "write-callee", use, 3 },
    { NULL },
};

int main(int argc, char **argv)
{
    set_up();
    watch("page of 1", page, 16);
    banks_page = bank_page();
    watch_foreign("page of 2", banks_page, 16);
    return attack(attempts, argc, argv);
}

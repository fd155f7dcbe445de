#define _GNU_SOURCE
#include <ia2.h>
#include <error.h>
#include <judge.h>
#include "parts.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static unsigned char page[4096] __attribute__((aligned(4096)));

static void benign(const struct attempt *attempt)
{
    printf("%d\n", thief_honest(6));
    fflush(stdout);
    fprintf(stderr, "an error\n");
}

static void use(const struct attempt *attempt)
{
    thief_plant(attempt->argument, page);
    switch (attempt->argument) {
    case PROGNAME: error(0, 0, "an error"); break;
    case STDIO_WRITE: printf("AAAAAAAA"); break;
    default:
        fflush(stdout);
        thief_collect();
        break;
    }
    /* Standard output is no good any more. */
    check_canaries();
    _exit(0);
}

static const struct attempt attempts[] = {
    { "benign", benign },
    { "function-pointer", use, PROGNAME, 0, 1 },
    { "stdio-write", use, STDIO_WRITE, 0, 1 },
    { "stdio-read", use, STDIO_READ, 0, 1 },
    { NULL },
};

int main(int argc, char **argv)
{
    set_up();
    watch("page", page, 16);
    return attack(attempts, argc, argv);
}

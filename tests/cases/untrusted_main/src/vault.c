#include <ia2.h>
#include <stdlib.h>
#include "vault.h"
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

int vault_secret = 1234;
static int *tries;

int vault_open(int code)
{
    if (!tries)
        tries = calloc(1, sizeof *tries);
    ++*tries;
    return code == vault_secret ? *tries : -*tries;
}
static int own_check(int x) { return x > 1000; }
int vault_ask(check_fn check) { return check ? check(vault_secret % 100) : own_check(vault_secret); }

#include <ia2.h>
#include <stdio.h>
#include "vault.h"

INIT_RUNTIME(1);

static int asked;
static int check(int x)
{
    asked++;
    return x * 2;
}

int main(int argc, char **argv)
{
    printf("open %d\n", vault_open(1));
    printf("open %d\n", vault_open(1234));
    printf("ask %d\n", vault_ask(check));
    printf("ask %d asked %d\n", vault_ask(NULL), asked);
    fflush(stdout);
    if (argc > 1)
        printf("secret %d\n", vault_secret);
    return 0;
}

#include <ia2.h>
#include <stdio.h>
#include "vault.h"

INIT_RUNTIME(1);

static int asked;
IA2_STATIC_FN(check, _ZTSPFiiE, main_c) static int check(int x)
{
    asked++;
    return x * 2;
} IA2_REGISTER_LOCAL(check, 0xbfd2e8c057c58252)

int main(int argc, char **argv)
{
    printf("open %d\n", vault_open(1));
    printf("open %d\n", vault_open(1234));
    printf("ask %d\n", vault_ask(IA2_FN(check)));
    printf("ask %d asked %d\n", vault_ask(IA2_OPAQUE(_ZTSPFiiE, NULL)), asked);
    fflush(stdout);
    if (argc > 1)
        printf("secret %d\n", vault_secret);
    return 0;
}
IA2_NEED(vault_ask)
IA2_NEED(vault_open)

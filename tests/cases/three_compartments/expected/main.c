#include <ia2.h>
#include <stdio.h>
#include <string.h>
#include "parts.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

int main_secret = 1;

int main_back(int x) { return x + main_secret; } IA2_REGISTER(main_back, 0xd6daccd12f1f4e69)
IA2_STATIC_FN(step, _ZTSPFiiE, main_c) static int step(int x) { return middle_work(x) + main_secret; } IA2_REGISTER_LOCAL(step, 0xdbb59f0e3864292a)

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    printf("middle %d\n", middle_work(10));
    printf("deep %d\n", deep_work(10));
    printf("apply %d\n", deep_apply(IA2_FN(step), 5));
    fflush(stdout);
    if (!strcmp(what, "middle"))
        middle_read(&main_secret);
    if (!strcmp(what, "deep"))
        deep_write(&middle_secret, 3);
    if (!strcmp(what, "main"))
        printf("%d\n", deep_secret);
    return 0;
}
IA2_NEED(deep_apply)
IA2_NEED(deep_work)
IA2_NEED(deep_write)
IA2_NEED(middle_read)
IA2_NEED(middle_work)

#include <ia2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ender.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int started = 2;
__attribute__((destructor)) static void destroy(void) { printf("main destructor %d\n", started); }
IA2_STATIC_FN(leave, _ZTSPFviE, main_c) static void leave(int status) { exit(status); } IA2_REGISTER_LOCAL(leave, 0x13acd0a00cfbd516)

int main(int argc, char **argv)
{
    const char *how = argv[1];

    setvbuf(stdout, NULL, _IOLBF, 1024);
    printf("leaving by %s\n", how);
    if (!strcmp(how, "exit"))
        exit(8);
    if (!strcmp(how, "exit-there"))
        ender_exit(9);
    if (!strcmp(how, "quick"))
        _exit(10);
    if (!strcmp(how, "nested"))
        ender_call(IA2_FN(leave), 11);
    return 7;
}
IA2_NEED(ender_call)
IA2_NEED(ender_exit)

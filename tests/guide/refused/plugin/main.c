#define _GNU_SOURCE
#include <dlfcn.h>
#include <ia2.h>
#include <stdio.h>
#include "plug.h"

INIT_RUNTIME(2);

#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

int main(void)
{
    void *plug = dlopen("libplug.so", RTLD_NOW);
    if (!plug) {
        fprintf(stderr, "%s\n", dlerror());
        return 2;
    }
    int (*count)(int) = (int (*)(int))dlsym(plug, "plug_count");
    printf("%d\n", count(1));
    printf("%d\n", count(2));
    return 0;
}

#define _GNU_SOURCE
#include "plugin.h"

#include <dlfcn.h>
#include <ia2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

int main_increment(int value)
{
    return value + 1;
} IA2_REGISTER(main_increment, 0x31364d0e51d085c2)

IA2_STATIC_FN(main_private, _ZTSPFiiE, main_c) static int main_private(int value)
{
    return value - 1;
} IA2_REGISTER_LOCAL(main_private, 0x12dc8b2e6c2e1b62)

static void *symbol(void *library, const char *name)
{
    void *address = dlsym(library, name);
    if (!address) {
        printf("no %s\n", name);
        exit(2);
    }
    return address;
}

static void *library(const char *name)
{
    void *handle = dlopen(name, RTLD_NOW | RTLD_NOLOAD);
    if (!handle) {
        printf("%s\n", dlerror());
        exit(2);
    }
    return handle;
}

int main(int argc, char **argv)
{
    void *first = library("libfirst.so"), *second = library("libsecond.so");
    if (argc > 1) {
        void *address = strcmp(argv[1], "type") == 0 ? symbol(first, "plugin_pair")
                                                     : second_abs();
        struct IA2_fnptr__ZTSPFiiE run = (struct IA2_fnptr__ZTSPFiiE){(void *)(address)};
        printf("%d\n", IA2_CALL(run, _ZTSPFiiE)(5));
        return 0;
    }
    struct IA2_fnptr__ZTSPFiiE run = (struct IA2_fnptr__ZTSPFiiE){(void *)(symbol(first, "plugin_run_it"))};
    printf("first: %d\n", IA2_CALL(run, _ZTSPFiiE)(21));
    run = (struct IA2_fnptr__ZTSPFiiE){(void *)(symbol(second, "plugin_run_it"))};
    printf("second: %d\n", IA2_CALL(run, _ZTSPFiiE)(10));
    printf("whole: %d\n", IA2_CALL(((struct IA2_fnptr__ZTSPFiiE){(void *)(dlsym(second, "plugin_whole"))}), _ZTSPFiiE)(199));
    struct IA2_fnptr__ZTSPF4pairddE pair;
    *(void **)(&pair) = symbol(first, "plugin_pair");
    printf("pair: %.1f\n", IA2_CALL(pair, _ZTSPF4pairddE)(5.0, 2.5).high);
    run = (struct IA2_fnptr__ZTSPFiiE){(void *)(symbol(RTLD_DEFAULT, "main_increment"))};
    printf("home: %d\n", IA2_CALL(run, _ZTSPFiiE)(5));
    run = (struct IA2_fnptr__ZTSPFiiE){(void *)(symbol(RTLD_DEFAULT, "abs"))};
    printf("library: %d\n", IA2_CALL(run, _ZTSPFiiE)(-5));
    void *kept = (void *)IA2_FN_ADDR(main_private);
    run = (struct IA2_fnptr__ZTSPFiiE){(void *)(kept)};
    printf("private: %d\n", IA2_CALL(run, _ZTSPFiiE)(5));
    struct IA2_fnptr__ZTSPFiiiiE sum = IA2_OPAQUE(_ZTSPFiiiiE, dlsym(first, "plugin_sum"));
    printf("sum %d, %d plugins\n", IA2_ADDR(sum) ? IA2_CALL(sum, _ZTSPFiiiiE)(3, 3, 4) : 0, first_plugin() + second_plugin());
    struct IA2_fnptr__ZTSPFiizE total = IA2_OPAQUE(_ZTSPFiizE, dlsym(first, "plugin_total"));
    printf("total %d %d\n", IA2_ADDR(total) ? IA2_CALL_WITH(total, _ZTSPFiizE, iii)(3, 1, 2, 3) : 0, IA2_ADDR(total) ? IA2_CALL_WITH(total, _ZTSPFiizE, i)(1, 7) : 0);
    return 0;
}
IA2_NEED(first_plugin)
IA2_NEED(second_abs)
IA2_NEED(second_plugin)

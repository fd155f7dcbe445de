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
}

static int main_private(int value)
{
    return value - 1;
}

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
        plugin_run *run = (plugin_run *)address;
        printf("%d\n", run(5));
        return 0;
    }
    plugin_run *run = (plugin_run *)symbol(first, "plugin_run_it");
    printf("first: %d\n", run(21));
    run = (plugin_run *)symbol(second, "plugin_run_it");
    printf("second: %d\n", run(10));
    printf("whole: %d\n", ((plugin_run *)dlsym(second, "plugin_whole"))(199));
    struct pair (*pair)(double, double);
    *(void **)(&pair) = symbol(first, "plugin_pair");
    printf("pair: %.1f\n", pair(5.0, 2.5).high);
    run = (plugin_run *)symbol(RTLD_DEFAULT, "main_increment");
    printf("home: %d\n", run(5));
    run = (plugin_run *)symbol(RTLD_DEFAULT, "abs");
    printf("library: %d\n", run(-5));
    void *kept = (void *)&main_private;
    run = (plugin_run *)kept;
    printf("private: %d\n", run(5));
    int (*sum)(int, int, int) = dlsym(first, "plugin_sum");
    printf("sum %d, %d plugins\n", sum ? sum(3, 3, 4) : 0, first_plugin() + second_plugin());
    int (*total)(int, ...) = dlsym(first, "plugin_total");
    printf("total %d %d\n", total ? total(3, 1, 2, 3) : 0, total ? total(1, 7) : 0);
    return 0;
}

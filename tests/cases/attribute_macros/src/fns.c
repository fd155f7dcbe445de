#include <ia2.h>
#include <stdio.h>
#include "fns.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

void f()
{
    puts("f");
}

void g()
{
    puts("g");
}

void h(CB cb)
{
    cb(1);
}

DECL(int, i, (int a, int b UNUSED))
{
    return a * 2;
}

API void j(void (*cb)(int), int n)
{
    while (n--)
        cb(n);
}

API int k(local_fn *cb)
{
    return cb(5);
}

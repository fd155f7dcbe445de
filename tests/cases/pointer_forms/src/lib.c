#include <ia2.h>
#include <stdio.h>
#include "zoo.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

static int inc(int x)
{
    return x + 1;
}

static int dec(int x)
{
    return x - 1;
}

int lib_plain(int x)
{
    return x * 10;
}

static fn_p make(int k)
{
    return k == 0 ? NULL : k > 0 ? inc : &dec;
}

static int with(fn_p f, int n)
{
    return f ? (*f)(n) : -1;
}

static void hook(void)
{
    puts("hook");
}
static const struct ops all = { inc, make, with, { inc, dec }, { hook } };

struct ops lib_ops(void)
{
    return all;
}

const struct ops *lib_ops_ptr(void)
{
    return &all;
}

int lib_take(struct ops o, int n)
{
    o.in.hook();
    return o.w(o.make(n), n) + o.tab[n & 1](n);
}

int (*lib_direct(int which))(int)
{
    static fn_t *const t[] = { inc, dec, lib_plain };
    return t[which];
}

fn_p lib_global IA2_SHARED_DATA = inc;
fn_t *const lib_const[2] = { dec, lib_plain };

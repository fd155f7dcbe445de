#include <ia2.h>
#include <stdio.h>
#include "zoo.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

IA2_STATIC_FN(inc, _ZTSPFiiE, lib_c) static int inc(int x)
{
    return x + 1;
} IA2_REGISTER_LOCAL(inc, 0x9b7693219bb120d8)

IA2_STATIC_FN(dec, _ZTSPFiiE, lib_c) static int dec(int x)
{
    return x - 1;
} IA2_REGISTER_LOCAL(dec, 0x760c4859d747c0cf)

int lib_plain(int x)
{
    return x * 10;
} IA2_REGISTER(lib_plain, 0xa9e9e9a47a4c351)

IA2_STATIC_FN(make, _ZTSPFPFiiEiE, lib_c) static fn_p make(int k)
{
    return k == 0 ? IA2_OPAQUE(_ZTSPFiiE, NULL) : k > 0 ? IA2_FN(inc) : IA2_FN(dec);
} IA2_REGISTER_LOCAL(make, 0x57a57e33b7f9c22c)

IA2_STATIC_FN(with, _ZTSPFiPFiiEiE, lib_c) static int with(fn_p f, int n)
{
    return IA2_ADDR(f) ? (IA2_CALL(f, _ZTSPFiiE))(n) : -1;
} IA2_REGISTER_LOCAL(with, 0x27d107df6729fe35)

IA2_STATIC_FN(hook, _ZTSPFvvE, lib_c) static void hook(void)
{
    puts("hook");
} IA2_REGISTER_LOCAL(hook, 0xa7f7b17b73898ea)
static const struct ops all = { {IA2_FN_ADDR(inc)}, {IA2_FN_ADDR(make)}, {IA2_FN_ADDR(with)}, { {IA2_FN_ADDR(inc)}, {IA2_FN_ADDR(dec)} }, { {IA2_FN_ADDR(hook)} } };

struct ops lib_ops(void)
{
    return all;
} IA2_REGISTER(lib_ops, 0xe41411980b0dc432)

const struct ops *lib_ops_ptr(void)
{
    return &all;
} IA2_REGISTER(lib_ops_ptr, 0xebf78572e5ccf301)

int lib_take(struct ops o, int n)
{
    IA2_CALL(o.in.hook, _ZTSPFvvE)();
    return IA2_CALL(o.w, _ZTSPFiPFiiEiE)(IA2_CALL(o.make, _ZTSPFPFiiEiE)(n), n) + IA2_CALL(o.tab[n & 1], _ZTSPFiiE)(n);
} IA2_REGISTER(lib_take, 0xf9c7e7e72d3e9402)

struct IA2_fnptr__ZTSPFiiE lib_direct(int which)
{
    static struct IA2_fnptr__ZTSPFiiE const t[] = { {IA2_FN_ADDR(inc)}, {IA2_FN_ADDR(dec)}, {IA2_FN_ADDR(lib_plain)} };
    return t[which];
} IA2_REGISTER(lib_direct, 0xc8a195e7a466bea2)

fn_p lib_global IA2_SHARED_DATA = {IA2_FN_ADDR(inc)};
struct IA2_fnptr__ZTSPFiiE const lib_const[2] = { {IA2_FN_ADDR(dec)}, {IA2_FN_ADDR(lib_plain)} };

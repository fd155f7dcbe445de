#include <ia2.h>
#include <stdio.h>
#include "fns.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

void f()
{
    puts("f");
} IA2_REGISTER(f, 0xb1bd84eb9ee95eda)

void g()
{
    puts("g");
} IA2_REGISTER(g, 0xb15d82edcf0b4d11)

void h(CB cb)
{
    IA2_CALL(cb, _ZTSPFviE)(1);
} IA2_REGISTER(h, 0xe29115f6543a53b2)

DECL(int, i, (int a, int b UNUSED))
{
    return a * 2;
} IA2_REGISTER(i, 0x395201700fc614b8)

API void j(struct IA2_fnptr__ZTSPFviE cb, int n)
{
    while (n--)
        IA2_CALL(cb, _ZTSPFviE)(n);
} IA2_REGISTER(j, 0x1b87b0eaeef42ba4)

API int k(struct IA2_fnptr__ZTSPFiiE cb)
{
    return IA2_CALL(cb, _ZTSPFiiE)(5);
} IA2_REGISTER(k, 0x81c3c3280c3b91d1)

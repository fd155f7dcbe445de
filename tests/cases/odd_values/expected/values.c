#include "values.h"

#include <ia2.h>
#include <stdarg.h>
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

struct extended next_extended(struct extended value)
{
    value.tag++;
    for (int i = 0; i < 3; i++)
        value.numbers[i] += 1;
    return value;
} IA2_REGISTER(next_extended, 0xe0e07a0ad802794f)

struct waves next_waves(struct waves value)
{
    value.pair[0] += 1;
    value.pair[1] += 1;
    value.single += 1;
    return value;
} IA2_REGISTER(next_waves, 0x175bf9ad38d5a081)

struct wide next_wide(struct wide value)
{
    value.first++;
    value.numbers[0]++;
    value.numbers[1]++;
    return value;
} IA2_REGISTER(next_wide, 0x71ba4ab80819130)

struct packed next_packed(struct packed value)
{
    value.tag++, value.number++, value.real++, value.last++;
    return value;
} IA2_REGISTER(next_packed, 0x451d944ac40162d0)

struct small_packed next_small_packed(struct small_packed value)
{
    value.tag++, value.inner.a++, value.inner.b++;
    return value;
} IA2_REGISTER(next_small_packed, 0x5f9d08fa0e9490ab)

struct aligned next_aligned(char before, struct aligned value, char after)
{
    value.number += after - before;
    if ((unsigned long)&value % 64)
        value.number = -1;
    return value;
} IA2_REGISTER(next_aligned, 0x177353723f13a83e)

struct holder next_holder(struct holder value)
{
    value.tag++, value.inside.number++;
    return value;
} IA2_REGISTER(next_holder, 0x90688951d7f06d46)

struct with_nothing next_with_nothing(struct nothing none, struct with_nothing value, struct nothing more)
{
    (void)none, (void)more;
    value.number++;
    return value;
} IA2_REGISTER(next_with_nothing, 0x1e904c2113613181)

union mixed next_mixed(union mixed value)
{
    value.vector += 1;
    return value;
} IA2_REGISTER(next_mixed, 0x808ca6df1f150abb)

union narrow next_narrow(union narrow value)
{
    value.vector += 1;
    return value;
} IA2_REGISTER(next_narrow, 0x9fb9367769da6118)

struct bits next_bits(struct bits value)
{
    value.a++, value.b++, value.c++, value.d = !value.d;
    return value;
} IA2_REGISTER(next_bits, 0xe3f4fcbb096d55f7)

struct huge next_huge(struct huge value)
{
    for (unsigned i = 0; i < sizeof value.bytes; i++)
        value.bytes[i]++;
    return value;
} IA2_REGISTER(next_huge, 0xbf5e8a0f14b6ce49)

struct two_floats next_two_floats(struct two_floats value)
{
    value.a++, value.b++;
    return value;
} IA2_REGISTER(next_two_floats, 0x8ec037596fb52902)

struct three_floats next_three_floats(struct three_floats value)
{
    value.a++, value.b++, value.c++;
    return value;
} IA2_REGISTER(next_three_floats, 0x92e6f8993836f9ec)

struct float_int next_float_int(struct float_int value)
{
    value.a++, value.b++;
    return value;
} IA2_REGISTER(next_float_int, 0x8e65b0456e700e38)

struct pointer_float next_pointer_float(struct pointer_float value)
{
    value.f++;
    return value;
} IA2_REGISTER(next_pointer_float, 0x3b74e173fe457c23)

matrix next_matrix(matrix value)
{
    for (int i = 0; i < 6; i++)
        value.rows[i / 3][i % 3]++;
    return value;
} IA2_REGISTER(next_matrix, 0x86d3bf3e60fd5b5d)

_Complex long double next_complex(_Complex long double value) { return value + 1; } IA2_REGISTER(next_complex, 0x6459d4b8b8047edd)
_Complex short next_complex_short(_Complex short value) { return value + 1; } IA2_REGISTER(next_complex_short, 0x5867c53db6281aac)
__int128 next_int128(char before, __int128 value, char after) { return value + after - before; } IA2_REGISTER(next_int128, 0x364ca9371765c2fa)
four next_four(four value) { return value + 1; } IA2_REGISTER(next_four, 0xcf1e9dd384f3646e)
_Float16 next_half(_Float16 value, float other) { return value + (_Float16)other; } IA2_REGISTER(next_half, 0xc02a6f7860001da7)

double forty(char a0, short a1, int a2, long a3, float a4, double a5, long double a6, struct two_floats a7,
             struct three_floats a8, unsigned char a9, truth a10, struct packed a11, __int128 a12, float a13,
             double a14, int a15, int a16, int a17, int a18, long a19, float a20, float a21, float a22,
             float a23, double a24, double a25, struct float_int a26, struct with_nothing a27, four a28,
             union narrow a29, signed char a30, short a31, unsigned short a32, long long a33, long double a34,
             struct aligned a35, struct bits a36, matrix a37, char a38, double a39)
{
    double sum = a0 + 2.0 * a1 + 3.0 * a2 + 4.0 * a3 + 5 * a4 + 6 * a5 + 7 * (double)a6 + 8 * (a7.a + a7.b);
    sum += 9 * (a8.a + a8.b + a8.c) + 10 * a9 + 11 * a10 + 12 * (a11.number + a11.real) + 13 * (double)a12;
    sum += 14 * a13 + 15 * a14 + 16 * a15 + 17 * a16 + 18 * a17 + 19 * a18 + 20.0 * a19 + 21 * a20 + 22 * a21;
    sum += 23 * a22 + 24 * a23 + 25 * a24 + 26 * a25 + 27 * (a26.a + a26.b) + 28 * a27.number;
    sum += 29 * (a28[0] + a28[1] + a28[2] + a28[3]) + 30 * a29.bytes[0] + 31 * a30 + 32 * a31 + 33 * a32;
    sum += 34.0 * a33 + 35 * (double)a34 + 36 * a35.number + 37.0 * (a36.a + a36.b + a36.c + a36.d);
    return sum + 38 * a37.rows[1][2] + 39 * a38 + 40 * a39;
} IA2_REGISTER(forty, 0x461897ed22048103)

double sum_of(int count, ...)
{
    va_list list;
    double sum = 0;
    va_start(list, count);
    for (int i = 0; i < count; i++) {
        struct packed packed = va_arg(list, struct packed);
        struct two_floats floats = va_arg(list, struct two_floats);
        struct extended extended = va_arg(list, struct extended);
        struct float_int both = va_arg(list, struct float_int);
        long double alone = va_arg(list, long double);
        sum = 3 * sum + packed.number + packed.real + floats.a + floats.b + (double)extended.numbers[2];
        sum += both.a + both.b + (double)alone;
    }
    va_end(list);
    return sum;
} IA2_REGISTER(sum_of, 0x91342f61952bfc6e)

unsigned check_huge(make_huge make, int seed)
{
    struct huge huge = IA2_CALL(make, _ZTSPF4hugeiE)(seed);
    unsigned sum = 0;
    for (unsigned i = 0; i < sizeof huge.bytes; i++)
        sum = 31 * sum + huge.bytes[i];
    return sum;
} IA2_REGISTER(check_huge, 0x71d4ebdc1682c33a)

struct extended twice(change_extended change, struct extended value)
{
    return IA2_CALL(change, _ZTSPF8extendedS_PvE)(IA2_CALL(change, _ZTSPF8extendedS_PvE)(value, 0), 0);
} IA2_REGISTER(twice, 0xc44fff7293cc7a0)

IA2_STATIC_FN(deepest, _ZTSPF4wideiPvE, values_c) static struct wide deepest(int depth, void *again)
{
    struct wide value = {(short)depth, {depth, 1}};
    return again ? IA2_CALL(((deep){(void *)(again)}), _ZTSPF4wideiPvE)(depth + 1, 0) : value;
} IA2_REGISTER_LOCAL(deepest, 0x77d072b858cfca3)

struct wide call_deep(deep function, int depth)
{
    struct wide value = IA2_CALL(function, _ZTSPF4wideiPvE)(depth, (void *)IA2_FN_ADDR(deepest));
    return next_wide(value);
} IA2_REGISTER(call_deep, 0xc26f8d8e068f3a8a)

IA2_STATIC_FN(add, _ZTSPFiiiE, values_c) static int add(int a, int b) { return a + b; } IA2_REGISTER_LOCAL(add, 0x622af6756a994439)
IA2_STATIC_FN(multiply, _ZTSPFiiiE, values_c) static int multiply(int a, int b) { return a * b; } IA2_REGISTER_LOCAL(multiply, 0xc4f0f90021c7076d)

combine pick(int which)
{
    return which ? IA2_FN(multiply) : IA2_FN(add);
} IA2_REGISTER(pick, 0x6304675672f286a8)

#include "values.h"

#include <ia2.h>
#include <stdio.h>
#include <string.h>

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

IA2_STATIC_FN(made, _ZTSPF4hugeiE, main_c) static struct huge made(int seed)
{
    struct huge huge;
    for (unsigned i = 0; i < sizeof huge.bytes; i++)
        huge.bytes[i] = (unsigned char)(seed + i * 7);
    return huge;
} IA2_REGISTER_LOCAL(made, 0x64cd81313bd6a0a3)

IA2_STATIC_FN(changed, _ZTSPF8extendedS_PvE, main_c) static struct extended changed(struct extended value, void *none)
{
    value.numbers[1] *= none ? 0 : 2;
    return next_extended(value);
} IA2_REGISTER_LOCAL(changed, 0xf488218fb438807c)

IA2_STATIC_FN(middle, _ZTSPF4wideiPvE, main_c) static struct wide middle(int depth, void *again)
{
    deep function = (deep){(void *)(again)};
    if (depth < 3)
        return call_deep(IA2_FN(middle), depth + 1);
    return IA2_CALL(function, _ZTSPF4wideiPvE)(depth, 0);
} IA2_REGISTER_LOCAL(middle, 0x21b5f2f45a78cd5c)

int main(void)
{
    struct extended extended = next_extended((struct extended){'a', {1.5L, -2.5L, 1e4000L}});
    printf("extended: %c %Lg %Lg %Lg\n", extended.tag, extended.numbers[0], extended.numbers[1],
           extended.numbers[2]);
    struct waves waves = {{1 + 2i, 3 + 4i}, 5 + 6i};
    waves = next_waves(waves);
    printf("waves: %g %g %g %g %g %g\n", __real__ waves.pair[0], __imag__ waves.pair[0],
           __real__ waves.pair[1], __imag__ waves.pair[1], __real__ waves.single, __imag__ waves.single);
    struct wide wide = next_wide((struct wide){-1, {(__int128)1 << 100, -1}});
    printf("wide: %d %lx %lx %lx\n", wide.first, (long)(wide.numbers[0] >> 64), (long)wide.numbers[0],
           (long)wide.numbers[1]);
    struct packed packed = next_packed((struct packed){1, 2, 3.5, 4});
    printf("packed: %d %d %g %d\n", packed.tag, packed.number, packed.real, packed.last);
    struct small_packed small = next_small_packed((struct small_packed){1, {2, 3}});
    printf("small: %d %d %d\n", small.tag, small.inner.a, small.inner.b);
    struct aligned aligned = next_aligned(1, (struct aligned){10}, 5);
    printf("aligned: %d\n", aligned.number);
    struct holder holder = next_holder((struct holder){1, {2}});
    printf("holder: %d %d %lu\n", holder.tag, holder.inside.number, (unsigned long)&holder % 64);
    struct nothing none;
    printf("nothing: %d\n", next_with_nothing(none, (struct with_nothing){.number = 8}, none).number);
    union mixed mixed = next_mixed((union mixed){{1, 2, 3, 4}});
    printf("mixed: %g %g %g %g\n", mixed.vector[0], mixed.vector[1], mixed.vector[2], mixed.vector[3]);
    union narrow narrow = {{41}};
    printf("narrow: %ld\n", next_narrow(narrow).vector[0]);
    struct bits bits = next_bits((struct bits){7, -5, 0, 1});
    printf("bits: %d %ld %d %d\n", bits.a, (long)bits.b, bits.c, bits.d);
    struct huge huge = next_huge(made(3));
    struct huge again = made(4);
    printf("huge: %d\n", memcmp(&huge, &again, sizeof huge));
    struct three_floats three = next_three_floats((struct three_floats){1, 2, 3});
    struct two_floats two = next_two_floats((struct two_floats){1, 2});
    struct float_int mixed_two = next_float_int((struct float_int){1, 2});
    struct pointer_float with_pointer = next_pointer_float((struct pointer_float){&three, 2});
    printf("floats: %g %g %g %g %g %g %d %d %g\n", two.a, two.b, three.a, three.b, three.c, mixed_two.a,
           mixed_two.b, with_pointer.p == &three, with_pointer.f);
    matrix numbers = next_matrix((matrix){{{1, 2, 3}, {4, 5, 6}}});
    printf("matrix: %d %d\n", numbers.rows[0][0], numbers.rows[1][2]);
    _Complex long double complex = next_complex(1.5L + 2.5iL);
    _Complex short complex_short = next_complex_short(3 + 4i);
    printf("complex: %Lg %Lg %d %d\n", __real__ complex, __imag__ complex, __real__ complex_short,
           __imag__ complex_short);
    printf("int128: %lx\n", (long)(next_int128(1, (__int128)5 << 64, 3) >> 64));
    four vector = next_four((four){1, 2, 3, 4});
    printf("four: %g %g\n", vector[0], vector[3]);
    printf("half: %g\n", (double)next_half(1.5f16, 2.25f));
    printf("forty: %.3f\n",
           forty('a', -2, 3, -4, 5, 6, 7, two, three, 250, 1, packed, -12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                 22, 23, 24, 25, mixed_two, (struct with_nothing){.number = 27}, vector, narrow, -30, -31, 65000,
                 -33, 34, aligned, bits, numbers, 'b', 39));
    printf("sum: %.2f\n", IA2_VARIADIC(sum_of, hcc6ffe4d9ccc03f047246b0c)(2, packed, two, (struct extended){0, {1, 2, 4}}, mixed_two, 1.25L, packed, two,
                                 (struct extended){'b', {1, 2, 3}}, mixed_two, 2.5L));
    printf("callback: %u\n", check_huge(IA2_FN(made), 9));
    extended = twice(IA2_FN(changed), (struct extended){'c', {1, 2, 3}});
    printf("twice: %c %Lg %Lg %Lg\n", extended.tag, extended.numbers[0], extended.numbers[1],
           extended.numbers[2]);
    wide = call_deep(IA2_FN(middle), 1);
    printf("deep: %d %ld %ld\n", wide.first, (long)wide.numbers[0], (long)wide.numbers[1]);
    combine sum = pick(0), product = pick(1);
    printf("nested: %d\n", IA2_CALL(sum, _ZTSPFiiiE)(IA2_CALL(product, _ZTSPFiiiE)(IA2_CALL(sum, _ZTSPFiiiE)(1, 2), IA2_CALL(product, _ZTSPFiiiE)(3, IA2_CALL(sum, _ZTSPFiiiE)(4, 5))), IA2_CALL(sum, _ZTSPFiiiE)(IA2_CALL(product, _ZTSPFiiiE)(2, 3), IA2_CALL(pick(1), _ZTSPFiiiE)(6, 7))));
    return 0;
}
IA2_NEED(call_deep)
IA2_NEED(check_huge)
IA2_NEED(forty)
IA2_NEED(next_aligned)
IA2_NEED(next_bits)
IA2_NEED(next_complex)
IA2_NEED(next_complex_short)
IA2_NEED(next_extended)
IA2_NEED(next_float_int)
IA2_NEED(next_four)
IA2_NEED(next_half)
IA2_NEED(next_holder)
IA2_NEED(next_huge)
IA2_NEED(next_int128)
IA2_NEED(next_matrix)
IA2_NEED(next_mixed)
IA2_NEED(next_narrow)
IA2_NEED(next_packed)
IA2_NEED(next_pointer_float)
IA2_NEED(next_small_packed)
IA2_NEED(next_three_floats)
IA2_NEED(next_two_floats)
IA2_NEED(next_waves)
IA2_NEED(next_wide)
IA2_NEED(next_with_nothing)
IA2_NEED(pick)
IA2_NEED(sum_of)
IA2_NEED(twice)

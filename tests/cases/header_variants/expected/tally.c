#if defined STREAM_LIB
#undef IA2_VARIANT_2
#define IA2_VARIANT_2(text1, text2) text2
#undef IA2_VARIANT_3
#define IA2_VARIANT_3(text1, text2) text2
#endif
#line 1
#if defined STREAM_LIB
#define IA2_TEXT_2
#define IA2_TEXT_3
#define IA2_TEXT_4
#define IA2_TEXT_5
#endif
#line 1
#include "stream.h"
#ifdef STREAM_LIB
typedef on_end kept;
#define IS_SET(f) (f)
#else
typedef long kept;
#define IS_SET(f) (IA2_ADDR((f)) != 0)
#endif
struct last {
    int count;
    kept what;
};
#ifdef IA2_TEXT_2
#line 13
static struct last last = { 1, {0} };
#else
#line 13
static struct last last = { 1, 0 };
#endif
#line 14

IA2_VARIANT_3(IA2_STATIC_FN(twice, _ZTSPFiPviE, tally_c), IA2_STATIC_FN(twice, _ZTSPFiP6streamiE, tally_c)) static int twice(STREAM *stream, int sum)
{
    return 2 * sum + (stream != 0) + __LINE__;
} IA2_REGISTER_LOCAL(twice, IA2_VARIANT_3(0x3a5c4d3723bcfca1, 0x2e442bca276526f9))

int TALLY(on_end ended, int sum)
{
    on_end own = {IA2_FN_ADDR(twice)};
#ifdef IA2_TEXT_3
#line 23
    if (IA2_ADDR(last.what))
        last.count += 100;
#else
#line 23
    if (last.what)
        last.count += 100;
#endif
#line 25
#ifdef IA2_TEXT_4
#line 25
    last.what = (kept){IA2_ADDR(ended)};
#else
#line 25
    last.what = (kept)IA2_ADDR(ended);
#endif
#line 26
#ifdef IA2_TEXT_5
#line 26
    return IA2_CALL(own, _ZTSPFiP6streamiE)(0, sum) + IA2_CALL(ended, _ZTSPFiP6streamiE)(0, sum) + (IS_SET(IA2_ADDR(ended)) ? 1000 : 0) + last.count++;
#else
#line 26
    return IA2_CALL(own, _ZTSPFiPviE)(0, sum) + IA2_CALL(ended, _ZTSPFiPviE)(0, sum) + (IS_SET(ended) ? 1000 : 0) + last.count++;
#endif
#line 27
}

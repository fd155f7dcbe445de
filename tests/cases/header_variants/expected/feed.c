#undef IA2_VARIANT_1
#define IA2_VARIANT_1(text1, text2) text2
#line 1
#define STREAM_CONST
#include "feed.h"
#include "stream.h"

IA2_STATIC_FN(next_word, _ZTSPFjPvPPKcE, feed_c) static unsigned next_word(void *what, stream_const char **where)
{
    struct feed *feed = what;
    if (feed->number == 2)
        return 0;
    *where = feed->words[feed->number++];
    return 3;
} IA2_REGISTER_LOCAL(next_word, 0x28282d03577ac344)

int feed_own(struct feed *feed)
{
    in_func next = {IA2_FN_ADDR(next_word)};
    const char *word = 0;
    int sum = 0;
    while (IA2_CALL(next, _ZTSPFjPvPPKcE)(feed, &word) > 0)
        sum += word[0];
    struct slot slot = { 1, 5 };
    sum += 100 * is_set(&slot);
    sum += 10000 * call_it(IA2_FN(one_more));
    return sum + (IA2_IDENTITY(next) == IA2_FN_IDENTITY(next_word));
}

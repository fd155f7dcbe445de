#define STREAM_CONST
#include "feed.h"
#include "stream.h"

static unsigned next_word(void *what, stream_const char **where)
{
    struct feed *feed = what;
    if (feed->number == 2)
        return 0;
    *where = feed->words[feed->number++];
    return 3;
}

int feed_own(struct feed *feed)
{
    in_func next = next_word;
    const char *word = 0;
    int sum = 0;
    while (next(feed, &word) > 0)
        sum += word[0];
    struct slot slot = { 1, 5 };
    sum += 100 * is_set(&slot);
    sum += 10000 * call_it(one_more);
    return sum + (next == next_word);
}

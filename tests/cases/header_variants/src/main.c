#include <ia2.h>
typedef int (*handler)(int);
#define handle handler
#define RUN(f) (f)(2)
#include <ia2_allocator.h>
#include <stdio.h>
#include <string.h>
#include "feed.h"
#include "stream.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static unsigned next_word(void *what, char **where)
{
    struct feed *feed = what;
    if (feed->number == 2)
        return 0;
    *where = feed->words[feed->number++];
    return 3;
}

/* The library's own header says more of the session. */
int stream_each(int (*step)(void *session), void *session);

static int step(void *session)
{
    return session != 0;
}

static int ended(STREAM *stream, int sum)
{
    return stream ? sum : 7;
}

int main(void)
{
    struct feed *feed = shared_calloc(1, sizeof *feed);
    memcpy(feed->words, "abc\0def", 8);
    printf("sum %d\n", stream_sum(next_word, feed));
    feed->number = 0;
    printf("own %d\n", feed_own(feed));
    struct slot slot = { 1, one_more };
    printf("set %d, called %d\n", is_set(&slot), call_it(one_more));
    printf("close %d %d\n", stream_close(ended, 50), stream_close(ended, 60));
    printf("each %d\n", stream_each(step, 0));
    printf("tally %d %d\n", own_tally(ended, 50), own_tally(ended, 60));
    return 0;
}

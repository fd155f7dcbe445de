#define IA2_TEXT_6
#line 1
#define IA2_TEXT_1
#line 1
#include <ia2.h>
typedef struct IA2_fnptr__ZTSPFiiE handler;
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

IA2_STATIC_FN(next_word, _ZTSPFjPvPPcE, main_c) static unsigned next_word(void *what, char **where)
{
    struct feed *feed = what;
    if (feed->number == 2)
        return 0;
    *where = feed->words[feed->number++];
    return 3;
} IA2_REGISTER_LOCAL(next_word, 0x69fa25322c53416c)

/* The library's own header says more of the session. */
int stream_each(struct IA2_fnptr__ZTSPFiPvE step, void *session);

IA2_STATIC_FN(step, _ZTSPFiPvE, main_c) static int step(void *session)
{
    return session != 0;
} IA2_REGISTER_LOCAL(step, 0x9d2a514ee6b9c095)

IA2_STATIC_FN(ended, _ZTSPFiPviE, main_c) static int ended(STREAM *stream, int sum)
{
    return stream ? sum : 7;
} IA2_REGISTER_LOCAL(ended, 0x869699aa46eb5d4c)

int main(void)
{
    struct feed *feed = shared_calloc(1, sizeof *feed);
    memcpy(feed->words, "abc\0def", 8);
    printf("sum %d\n", stream_sum(IA2_FN(next_word), feed));
    feed->number = 0;
    printf("own %d\n", feed_own(feed));
    struct slot slot = { 1, {IA2_FN_ADDR(one_more)} };
    printf("set %d, called %d\n", is_set(&slot), call_it(IA2_FN(one_more)));
    printf("close %d %d\n", stream_close(IA2_FN(ended), 50), stream_close(IA2_FN(ended), 60));
    printf("each %d\n", stream_each(IA2_FN(step), 0));
    printf("tally %d %d\n", own_tally(IA2_FN(ended), 50), own_tally(IA2_FN(ended), 60));
    return 0;
}
IA2_NEED(stream_close)
IA2_NEED(stream_each)
IA2_NEED(stream_sum)

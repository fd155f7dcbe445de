#include "stream.h"
#ifdef STREAM_LIB
typedef on_end kept;
#define IS_SET(f) (f)
#else
typedef long kept;
#define IS_SET(f) ((f) != 0)
#endif
struct last {
    int count;
    kept what;
};
static struct last last = { 1, 0 };

static int twice(STREAM *stream, int sum)
{
    return 2 * sum + (stream != 0) + __LINE__;
}

int TALLY(on_end ended, int sum)
{
    on_end own = twice;
    if (last.what)
        last.count += 100;
    last.what = (kept)ended;
    return own(0, sum) + ended(0, sum) + (IS_SET(ended) ? 1000 : 0) + last.count++;
}

#include <ia2.h>
#include "stream.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int stream_sum(in_func next, void *what)
{
    int sum = 0;
    stream_const char **buffer = what;
    for (unsigned length; (length = next(what, buffer)) > 0;)
        for (unsigned i = 0; i < length; i++)
            sum += (*buffer)[i];
    return sum;
}

int stream_close(on_end ended, int sum)
{
    struct stream stream = { 3 };
    return ended(&stream, sum) + stream_tally(ended, sum);
}

struct session {
    int count;
};

int stream_each(int (*step)(struct session *session), struct session *session)
{
    struct session own = { 1 };
    return step(session) + 2 * step(&own);
}

#undef IA2_VARIANT_2
#define IA2_VARIANT_2(text1, text2) text2
#line 1
#include <ia2.h>
#include "stream.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int stream_sum(in_func next, void *what)
{
    int sum = 0;
    stream_const char **buffer = what;
    for (unsigned length; (length = IA2_CALL(next, _ZTSPFjPvPPcE)(what, buffer)) > 0;)
        for (unsigned i = 0; i < length; i++)
            sum += (*buffer)[i];
    return sum;
} IA2_REGISTER(stream_sum, 0x34c1708eaeb7dafd)

int stream_close(on_end ended, int sum)
{
    struct stream stream = { 3 };
    return IA2_CALL(ended, _ZTSPFiP6streamiE)(&stream, sum) + stream_tally(ended, sum);
} IA2_REGISTER(stream_close, 0x8abd48ce6814886c)

struct session {
    int count;
};

int stream_each(struct IA2_fnptr__ZTSPFiP7sessionE step, struct session *session)
{
    struct session own = { 1 };
    return IA2_CALL(step, _ZTSPFiP7sessionE)(session) + 2 * IA2_CALL(step, _ZTSPFiP7sessionE)(&own);
} IA2_REGISTER(stream_each, 0x277948e80c7c38e1)

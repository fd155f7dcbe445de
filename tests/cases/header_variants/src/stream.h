#ifdef STREAM_CONST
#define stream_const const
#else
#define stream_const
#endif
#define OF(arguments) arguments
typedef unsigned (*in_func) OF((void *, stream_const char **));
int stream_sum(in_func next, void *what);

/* What a source compares depends on the type that it gives to `handle`, and how it calls on a macro of its own. */
#ifndef handle
#define handle long
#endif
#ifndef RUN
#define RUN(f) f(1)
#endif
struct slot {
    int number;
    handle what;
};
static inline int one_more(int x) { return x + 1; }
static inline int is_set(const struct slot *slot) { return slot->what != 0 ? __LINE__ : 0; }
static inline int call_it(int (*f)(int))
{
    int (*own)(int) = one_more;
    return RUN(own)
        + 2 * RUN(f); // }
}

/* What only the library knows: a source of both compartments is compiled in two ways. */
#ifdef STREAM_LIB
struct stream {
    int number;
};
typedef struct stream STREAM;
#define TALLY stream_tally
#else
typedef void STREAM;
#define TALLY own_tally
#endif
typedef int (*on_end)(STREAM *stream, int sum);
int stream_close(on_end ended, int sum);
int stream_tally(on_end ended, int sum);
int own_tally(on_end ended, int sum);

#ifdef STREAM_CONST
#define stream_const const
#else
#define stream_const
#endif
#define OF(arguments) arguments
typedef IA2_VARIANT_1(struct IA2_fnptr__ZTSPFjPvPPcE, struct IA2_fnptr__ZTSPFjPvPPKcE) in_func;
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
IA2_STATIC_FN(one_more, _ZTSPFiiE, stream_h) static inline int one_more(int x) { return x + 1; } IA2_REGISTER_LOCAL(one_more, 0xb87cd858a7f797d9)
#ifdef IA2_TEXT_1
#line 22
static inline int is_set(const struct slot *slot) { return IA2_ADDR(slot->what) != 0 ? __LINE__ : 0; }
#else
#line 22
static inline int is_set(const struct slot *slot) { return slot->what != 0 ? __LINE__ : 0; }
#endif
#line 23
static inline int call_it(struct IA2_fnptr__ZTSPFiiE f)
{
    struct IA2_fnptr__ZTSPFiiE own = {IA2_FN_ADDR(one_more)};
#ifdef IA2_TEXT_6
#line 26
    return IA2_CALL((own), _ZTSPFiiE)(2)
        + 2 * IA2_CALL((f), _ZTSPFiiE)(2); // }
#else
#line 26
    return RUN(IA2_CALL(own, _ZTSPFiiE))
        + 2 * RUN(IA2_CALL(f, _ZTSPFiiE)); // }
#endif
#line 28
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
typedef IA2_VARIANT_2(struct IA2_fnptr__ZTSPFiPviE, struct IA2_fnptr__ZTSPFiP6streamiE) on_end;
int stream_close(on_end ended, int sum);
int stream_tally(on_end ended, int sum);
int own_tally(on_end ended, int sum);

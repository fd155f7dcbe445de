#ifdef STREAM_CONST
#define stream_const const
#else
#define stream_const
#endif
#define OF(arguments) arguments
typedef unsigned (*in_func) OF((void *, stream_const char **));
int stream_sum(in_func next, void *what);

#ifdef STREAM_CONST
#define stream_const const
#else
#define stream_const
#endif
#define OF(arguments) arguments
typedef IA2_VARIANT_1(struct IA2_fnptr__ZTSPFjPvPPcE, struct IA2_fnptr__ZTSPFjPvPPKcE) in_func;
int stream_sum(in_func next, void *what);

typedef struct IA2_fnptr__ZTSPFiiE int_fn;
typedef struct IA2_fnptr__ZTSPFlllE long_fn;
struct box { int_fn call; long_fn other; };
int caller_call(struct box *box, int x);
long caller_other(struct box *box, long x);

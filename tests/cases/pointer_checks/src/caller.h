typedef int (*int_fn)(int);
typedef long (*long_fn)(long, long);
struct box { int_fn call; long_fn other; };
int caller_call(struct box *box, int x);
long caller_other(struct box *box, long x);

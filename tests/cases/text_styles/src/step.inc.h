#ifndef TYPE
#define TYPE int
#define NAME step_int
#endif
static int NAME(TYPE f) { return f ? 1 : 0; }
#undef TYPE
#undef NAME

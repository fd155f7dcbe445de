#line 1 "step.inc.h"
#ifndef TYPE
#define TYPE int
#define NAME step_int
#endif
static int NAME(TYPE f) { return f ? 1 : 0; }
#undef TYPE
#undef NAME
#line 2 "lib.c"
#include <ia2.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
static int o = 7;
IA2_STATIC_FN(add, _ZTSPFiiE, lib_c) static int add(int x) { return x + o; } IA2_REGISTER_LOCAL(add, 0xed1fc0bfb3f892f4)
IA2_STATIC_FN(sub, _ZTSPFiiE, lib_c) static int \
sub(int x) { return x - o; } IA2_REGISTER_LOCAL(sub, 0x5e1f4d44615c881d)
cb lib_get(int k) { return k ? /* add( */ IA2_FN(add) /* ) */ : // "sub"
  IA2_FN(sub); } IA2_REGISTER(lib_get, 0xbca0f845d5fae4c1)
#define TYPE cb
#define NAME step_cb
#line 1 "step.inc.h"
#ifndef TYPE
#define TYPE int
#define NAME step_int
#endif
static int NAME(TYPE f) { return IA2_ADDR(f) ? 1 : 0; }
#undef TYPE
#undef NAME
#line 16 "lib.c"
int lib_two(two t, int x) { return IA2_CALL(t, _ZTSPFiiPFiiEE) /*call*/ ( /*x*/ x /*,*/ , /*f*/ IA2_FN(add) ) + ( /**/ IA2_CALL(t, _ZTSPFiiPFiiEE))(x, IA2_FN(sub)); } IA2_REGISTER(lib_two, 0xc3d5b5d897cf649)
int lib_s(struct s *s) { return IA2_CALL(s->f, _ZTSPFiiE)(1) + IA2_CALL(s -> g, _ZTSPFiiE) (2) + IA2_CALL(s
  ->
  h, _ZTSPFiiE)
  (3); } IA2_REGISTER(lib_s, 0xe27f87b2b750f319)
int lib_steps(cb f) { return step_int(IA2_ADDR(f) != 0) + step_cb(f) + IA2_CALL(f, _ZTSPFiiE)(1); } IA2_REGISTER(lib_steps, 0xeeb6d6e0fd4ab7c4)
struct IA2_fnptr__ZTSPFiiE lib_spr\
ead(int k) { return k ? IA2_FN(add) : IA2_FN(sub); } IA2_REGISTER(lib_spread, 0x376d32dd2ef0d484)

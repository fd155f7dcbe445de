#include "step.inc.h"
#include <ia2.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
static int o = 7;
static int add(int x) { return x + o; }
static int \
sub(int x) { return x - o; }
cb lib_get(int k) { return k ? /* add( */ add /* ) */ : // "sub"
  sub; }
#define TYPE cb
#define NAME step_cb
#include \
  "step.inc.h"
int lib_two(two t, int x) { return t /*call*/ ( /*x*/ x /*,*/ , /*f*/ add ) + (* /**/ t)(x, sub); }
int lib_s(struct s *s) { return s->f(1) + s -> g (2) + s
  ->
  h
  (3); }
int lib_steps(cb f) { return step_int(f != 0) + step_cb(f) + f(1); }
int (*lib_spr\
ead(int k))(int) { return k ? ad\
d : su\
b; }

#ifndef T_H
#define T_H
typedef int (*cb)(int);
typedef/*c1*/int/*c2*/(/*c3*/*/*c4*/two/*c5*/)/*c6*/(/*c7*/int/*c8*/,/*c9*/cb/*c10*/)/*c11*/;
cb lib_get(int k); int lib_two(two t, int x);
int lib_steps(cb f);
struct s { int (*f) // trailing \
 still comment
   (int); int	(	*	g	)	(	int	)	; int(*h)(int); };
int lib_s(struct s *s);
int (*
  lib_spread
  (
   int k
  )
)
(
  int
)
;
#define LONG(f, \
             x) \
   ((f) \
     ? (f)(x) \
     : 0)
#endif

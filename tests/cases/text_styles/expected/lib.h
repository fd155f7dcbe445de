#ifndef T_H
#define T_H
typedef struct IA2_fnptr__ZTSPFiiE cb;
typedef/*c1*/struct IA2_fnptr__ZTSPFiiPFiiEE /*c2*/two/*c11*/;
cb lib_get(int k); int lib_two(two t, int x);
int lib_steps(cb f);
struct s { struct IA2_fnptr__ZTSPFiiE f; struct IA2_fnptr__ZTSPFiiE	g	; struct IA2_fnptr__ZTSPFiiEh; };
int lib_s(struct s *s);
struct IA2_fnptr__ZTSPFiiE lib_spread
  (
   int k
  )
;
#define LONG(f, \
             x) \
   (IA2_ADDR((f)) \
     ? IA2_CALL((f), _ZTSPFiiE)(x) \
     : 0)
#endif

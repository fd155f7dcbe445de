#ifndef PARTS_H
#define PARTS_H

typedef long step(long n);
typedef long pair(long a, long b);

/* One more, twice as much, and their sum. */
struct IA2_fnptr__ZTSPFllE steps_up(void);
struct IA2_fnptr__ZTSPFllE steps_twice(void);
struct IA2_fnptr__ZTSPFlllE steps_sum(void);

/* f(f(f(n))), from compartment 3, plus what that gives with its own function. */
long walker_thrice(struct IA2_fnptr__ZTSPFllE f, long n);
#endif

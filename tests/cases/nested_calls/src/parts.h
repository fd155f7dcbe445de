#ifndef PARTS_H
#define PARTS_H

typedef long step(long n);
typedef long pair(long a, long b);

/* One more, twice as much, and their sum. */
step *steps_up(void);
step *steps_twice(void);
pair *steps_sum(void);

/* f(f(f(n))), from compartment 3, plus what that gives with its own function. */
long walker_thrice(step *f, long n);
#endif

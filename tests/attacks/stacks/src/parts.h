#ifndef PARTS_H
#define PARTS_H

unsigned long bank_stack(void);
unsigned long thief_stack(void);
int thief_recurse(int depth);
int thief_leap(unsigned long distance);
int thief_climb(unsigned long distance);
int thief_honest(int depth);

#endif

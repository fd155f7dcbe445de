#ifndef PART_H
#define PART_H

int part_backtrace(int depth);
int part_walk(int depth);
int part_raise(int depth);
int part_force(int depth);
void part_exit(int depth, void *result);
void part_wait(int depth, volatile int *ready);
int part_cleaned(void);
/* Back into compartment 1, and from there into 2 again. */
int main_calls(int what, int depth);

#endif

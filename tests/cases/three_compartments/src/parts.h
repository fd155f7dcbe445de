#ifndef PARTS_H
#define PARTS_H
extern int main_secret, middle_secret, deep_secret;
typedef int (*step_fn)(int);
int middle_work(int x);
int middle_read(const int *p);
int deep_work(int x);
void deep_write(int *p, int value);
int deep_apply(step_fn step, int x);
int main_back(int x);
#endif

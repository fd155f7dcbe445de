#ifndef SIDES_H
#define SIDES_H
extern int left_level;
int left_rise(int by);
int right_rise(int by);
int *right_level(void);
#endif

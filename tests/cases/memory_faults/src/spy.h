#ifndef SPY_H
#define SPY_H
int spy_read(const int *p);
void spy_write(int *p, int value);
#endif

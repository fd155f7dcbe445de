#ifndef METER_H
#define METER_H
void meter_add(int n);
int meter_sum(void);
int *meter_at(void);
#endif

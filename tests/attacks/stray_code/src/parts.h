#ifndef PARTS_H
#define PARTS_H

enum { PKEY_SET, XRSTOR };

void thief_use(int what, unsigned char *target);
int thief_honest(int number);

#endif

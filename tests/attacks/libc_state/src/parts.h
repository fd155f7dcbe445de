#ifndef PARTS_H
#define PARTS_H

enum { PROGNAME, STDIO_WRITE, STDIO_READ };

void thief_plant(int what, unsigned char *target);
void thief_collect(void);
int thief_honest(int number);

#endif

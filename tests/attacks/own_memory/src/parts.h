#ifndef PARTS_H
#define PARTS_H

void thief_read(const void *from);
void thief_write(void *to);
int thief_count(int number);
typedef int (*count_fn)(int);
count_fn thief_fn(void);

#endif

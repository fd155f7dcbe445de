#ifndef PARTS_H
#define PARTS_H

/* Compartment 2, another victim. */
void *other_global(void);

/* Compartment 3, the attacker: reads into the board, overwrites with zeroes. */
void thief_read(const void *from);
void thief_write(void *to);
int thief_sum(const int *numbers, int count);

#endif

#ifndef FIVE_H
#define FIVE_H
typedef int (*five_op)(int);
int five_map(int *values, int count, five_op op);
five_op five_get(void);
int *five_array(void);
unsigned five_rights(void);
#endif

#ifndef LIB_H
#define LIB_H
typedef int (*visit)(int);
int lib_visit(visit f, int x);
/* Each program defines it. */
int program_answer(int x);
#endif

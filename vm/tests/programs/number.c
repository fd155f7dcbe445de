// A library with one function.
#ifndef NUMBER
#define NUMBER 1
#endif
int number(void) { return NUMBER; }

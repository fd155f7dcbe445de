#ifndef LIB_H
#define LIB_H

int lib_add(int a, int b);
int prebuilt_signal(void);
void prebuilt_exit(int status);

#endif

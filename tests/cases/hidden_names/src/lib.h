#ifndef LIB_H
#define LIB_H
#define HIDDEN __attribute__((visibility("hidden")))
typedef int (*callback)(int);
callback lib_get(int which);
int lib_run(callback f, int x);
int lib_named(int x) __asm__("lib_named_v2");
callback lib_statics(int which);
int lib_protected(int x);
#endif

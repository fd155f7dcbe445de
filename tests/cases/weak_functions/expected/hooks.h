#ifndef HOOKS_H
#define HOOKS_H
#include <stddef.h>

typedef struct IA2_fnptr__ZTSPFiiE hook_fn;

int lib_run(hook_fn hook, int x);
int lib_has(int which);
int lib_defined(int x);

__attribute__((weak)) int hook_before(int x);
extern int hook_after(int x) __attribute__((weak));
int hook_main(int x);
#pragma weak hook_main

#endif

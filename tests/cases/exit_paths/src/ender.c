#include <ia2.h>
#include <stdio.h>
#include <stdlib.h>
#include "ender.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int ended = 1;
__attribute__((destructor)) static void destroy(void) { printf("ender destructor %d\n", ended++); }
void ender_exit(int status)
{
    ended = 5;
    exit(status);
}
void ender_call(void (*f)(int), int x) { f(x); }

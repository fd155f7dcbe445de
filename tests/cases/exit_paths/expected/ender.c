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
} IA2_REGISTER(ender_exit, 0x403ad29f56c771e9)
void ender_call(struct IA2_fnptr__ZTSPFviE f, int x) { IA2_CALL(f, _ZTSPFviE)(x); } IA2_REGISTER(ender_call, 0x539c434369348adf)

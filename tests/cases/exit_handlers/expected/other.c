#define _DEFAULT_SOURCE
#include <ia2.h>
#include <stdio.h>
#include <stdlib.h>
#include "other.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int other_state = 3;
static const int *spied;

IA2_STATIC_FN(at_exit, _ZTSPFvvE, other_c) static void at_exit(void) { printf("other %d\n", other_state++); } IA2_REGISTER_LOCAL(at_exit, 0xbf36344d41df8a9)
IA2_STATIC_FN(at_quick_exit_, _ZTSPFvvE, other_c) static void at_quick_exit_(void) { printf("quick other %d\n", other_state++); fflush(stdout); } IA2_REGISTER_LOCAL(at_quick_exit_, 0xe233ae9b92fdd857)
static void with_status(int status, void *argument)
{
    printf("on_exit %d %d\n", status, *(int *)argument);
}
IA2_STATIC_FN(spy, _ZTSPFvvE, other_c) static void spy(void) { printf("spied %d\n", *spied); } IA2_REGISTER_LOCAL(spy, 0x879d986d7a79d65f)

void other_register(void)
{
    atexit(at_exit);
    on_exit(with_status, &other_state);
    at_quick_exit(at_quick_exit_);
} IA2_REGISTER(other_register, 0x33cddb067188dc05)
void other_register_spy(const int *target)
{
    spied = target;
    atexit(spy);
} IA2_REGISTER(other_register_spy, 0x5f9b6d9f514d64c2)
void other_exit(int status) { exit(status); } IA2_REGISTER(other_exit, 0xb2cd6dc09c80249b)
__attribute__((destructor)) static void destroy(void) { printf("other destructor %d\n", other_state); }

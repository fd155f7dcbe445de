#define _DEFAULT_SOURCE
#include <ia2.h>
#include <stdio.h>
#include <stdlib.h>
#include "other.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int other_state = 3;
static const int *spied;

static void at_exit(void) { printf("other %d\n", other_state++); }
static void at_quick_exit_(void) { printf("quick other %d\n", other_state++); fflush(stdout); }
static void with_status(int status, void *argument)
{
    printf("on_exit %d %d\n", status, *(int *)argument);
}
static void spy(void) { printf("spied %d\n", *spied); }

void other_register(void)
{
    atexit(at_exit);
    on_exit(with_status, &other_state);
    at_quick_exit(at_quick_exit_);
}
void other_register_spy(const int *target)
{
    spied = target;
    atexit(spy);
}
void other_exit(int status) { exit(status); }
__attribute__((destructor)) static void destroy(void) { printf("other destructor %d\n", other_state); }

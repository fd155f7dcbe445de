#include <ia2.h>
#include <ia2_allocator.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sorter.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int compared;
static int upwards(const void *a, const void *b)
{
    compared++;
    return *(const int *)a - *(const int *)b;
}
static int handled;
static void on_user(int number) { handled += number == SIGUSR1; }

/* What the system gives back is a function's address; in a type of the program's own it is its stub. */
static void give_back(void)
{
    handler_fn previous = signal(SIGUSR1, on_user);
    struct slot slot;

    printf("default %d\n", previous == SIG_DFL);
    previous = signal(SIGUSR1, SIG_IGN);
    printf("own %d %d\n", previous == on_user, sorter_is_same(previous, on_user));
    previous(SIGUSR1);
    slot.handler = (handler_fn)signal(SIGUSR1, previous);
    printf("ignored %d\n", slot.handler == SIG_IGN);
    raise(SIGUSR1);
    slot.handler = (handler_fn)signal(SIGUSR1, SIG_DFL);
    printf("again %d\n", sorter_is_same(slot.handler, on_user));
    sorter_handle(slot.handler, SIGUSR1);
    previous = on_user;
    signal(SIGUSR1, previous);
    printf("same %d %d\n", signal(SIGUSR1, SIG_DFL) == previous, previous != signal(SIGUSR1, SIG_DFL));
    printf("handled %d\n", handled);
}

static void at_end(void) { printf("end %d\n", compared > 0); }

static void show(const char *name, const int *values)
{
    printf("%s %d %d %d %d\n", name, values[0], values[1], values[2], values[3]);
}

int main(void)
{
    static const int unsorted[4] = { 3, 1, 4, 2 };
    int *values = shared_malloc(sizeof unsorted);
    compare_fn compare = upwards;
    int key = 3, *found;

    memcpy(values, unsorted, sizeof unsorted);
    sorter_sort(values, 4, compare);
    show("up", values);
    sorter_sort(values, 4, NULL);
    show("down", values);
    qsort(values, 4, sizeof *values, upwards);
    show("own", values);
    qsort(values, 4, sizeof *values, sorter_default());
    show("theirs", values);
    qsort(values, 4, sizeof *values, compare);
    found = bsearch(&key, values, 4, sizeof *values, compare);
    printf("found %d\n", found ? *found : -1);
    give_back();
    atexit(at_end);
    shared_free(values);
    return 0;
}

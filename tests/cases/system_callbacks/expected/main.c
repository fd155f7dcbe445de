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
IA2_STATIC_FN(upwards, _ZTSPFiPKvS0_E, main_c) static int upwards(const void *a, const void *b)
{
    compared++;
    return *(const int *)a - *(const int *)b;
} IA2_REGISTER_LOCAL(upwards, 0x17632a34e3a6c0ff)
static int handled;
IA2_STATIC_FN(on_user, _ZTSPFviE, main_c) static void on_user(int number) { handled += number == SIGUSR1; } IA2_REGISTER_LOCAL(on_user, 0x8ea32c790d961b73)

/* What the system gives back is a function's address; in a type of the program's own it is its stub. */
static void give_back(void)
{
    handler_fn previous = IA2_OPAQUE(_ZTSPFviE, IA2_STUB(_ZTSPFviE, signal(SIGUSR1, on_user)));
    struct slot slot;

    printf("default %d\n", IA2_PLAIN(previous, _ZTSPFviE) == SIG_DFL);
    previous = IA2_OPAQUE(_ZTSPFviE, IA2_STUB(_ZTSPFviE, signal(SIGUSR1, SIG_IGN)));
    printf("own %d %d\n", IA2_IDENTITY(previous) == IA2_FN_IDENTITY(on_user), sorter_is_same(previous, IA2_FN(on_user)));
    IA2_CALL(previous, _ZTSPFviE)(SIGUSR1);
    slot.handler = (handler_fn){(void *)IA2_STUB(_ZTSPFviE, signal(SIGUSR1, IA2_PLAIN(previous, _ZTSPFviE)))};
    printf("ignored %d\n", IA2_PLAIN(slot.handler, _ZTSPFviE) == SIG_IGN);
    raise(SIGUSR1);
    slot.handler = (handler_fn){(void *)IA2_STUB(_ZTSPFviE, signal(SIGUSR1, SIG_DFL))};
    printf("again %d\n", sorter_is_same(slot.handler, IA2_FN(on_user)));
    sorter_handle(slot.handler, SIGUSR1);
    previous = IA2_FN(on_user);
    signal(SIGUSR1, IA2_PLAIN(previous, _ZTSPFviE));
    printf("same %d %d\n", IA2_STUB(_ZTSPFviE, signal(SIGUSR1, SIG_DFL)) == IA2_ADDR(previous), IA2_ADDR(previous) != IA2_STUB(_ZTSPFviE, signal(SIGUSR1, SIG_DFL)));
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
    compare_fn compare = {IA2_FN_ADDR(upwards)};
    int key = 3, *found;

    memcpy(values, unsorted, sizeof unsorted);
    sorter_sort(values, 4, compare);
    show("up", values);
    sorter_sort(values, 4, IA2_OPAQUE(_ZTSPFiPKvS0_E, NULL));
    show("down", values);
    qsort(values, 4, sizeof *values, upwards);
    show("own", values);
    qsort(values, 4, sizeof *values, IA2_PLAIN(sorter_default(), _ZTSPFiPKvS0_E));
    show("theirs", values);
    qsort(values, 4, sizeof *values, IA2_PLAIN(compare, _ZTSPFiPKvS0_E));
    found = bsearch(&key, values, 4, sizeof *values, IA2_PLAIN(compare, _ZTSPFiPKvS0_E));
    printf("found %d\n", found ? *found : -1);
    give_back();
    atexit(at_end);
    shared_free(values);
    return 0;
}
IA2_NEED(sorter_default)
IA2_NEED(sorter_handle)
IA2_NEED(sorter_is_same)
IA2_NEED(sorter_sort)

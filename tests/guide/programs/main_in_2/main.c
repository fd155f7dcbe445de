#include <inttypes.h>
#include <stdio.h>
#include "args.h"
#include "clock.h"
#include "ia2.h"

static uint64_t alarm_at = 1000;

int main(int argc, char **argv)
{
    for (int i = 0; i < 5; i++)
        printf("%" PRIu64 "\n", clock_tick((uint8_t)(250 + i)));
    fflush(stdout);
    if (has_arg(argc, argv, "read"))
        printf("%" PRIu64 "\n", *clock_raw());
    if (has_arg(argc, argv, "write"))
        clock_set(&alarm_at, 0);
    return alarm_at == 1000 ? 3 : 0;
}

/* Anywhere at file scope will do. */
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 2
#include "ia2_compartment_init.inc"

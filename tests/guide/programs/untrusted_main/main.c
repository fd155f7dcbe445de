#include <ia2.h>
#include <stdio.h>
#include <stdlib.h>
#include "safe.h"
INIT_RUNTIME(1);

static int alarms;
static void alarm_bell(int tries) { alarms += tries; }

int main(int argc, char **argv)
{
    struct safe *safe = safe_open(1234);
    int *mine = malloc(sizeof *mine);
    safe_watch(alarm_bell);
    *mine = safe_take(safe, 1) + safe_take(safe, 2);
    printf("%d %d %d\n", *mine, safe_take(safe, 1234), alarms);
    fflush(stdout);
    if (argc > 1)
        printf("%d\n", ((int *)safe)[1]);
    safe_close(safe);
    free(mine);
    return 0;
}

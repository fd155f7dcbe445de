#include <ia2.h>
#include <stdio.h>
#include <string.h>
#include "peer.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static char buffer[8] IA2_SHARED_DATA;
static char unshared[8];

int main(int argc, char **argv)
{
    int i;
    peer_write("hello");
    board.writes += 10;
    peer_write("again");
    printf("%s %u\n", board.line, board.writes);
    for (i = 0; peer_names[i]; i++)
        printf("%s\n", peer_names[i]);
    peer_limits[1] *= 21;
    printf("%d %d\n", peer_limits[1], peer_version);
    peer_fill(buffer);
    printf("%s\n", buffer);
    fflush(stdout);
    if (argc > 1 && !strcmp(argv[1], "read"))
        printf("%u\n", *peer_private());
    if (argc > 1 && !strcmp(argv[1], "write"))
        peer_fill(unshared);
    return 0;
}

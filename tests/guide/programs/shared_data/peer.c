#include <ia2.h>
#include <string.h>
#include "peer.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

/* Before the declarator and behind it, with a value and without. */
int peer_limits[3] IA2_SHARED_DATA = { 1, 2, 3 };
IA2_SHARED_DATA struct board board;
/* Read-only data is on disk anyway and needs no mark. */
const int peer_version = 7;
const char *const peer_names[] = { "zero", "one", NULL };
static unsigned private_count;

void peer_write(const char *text)
{
    strncpy(board.line, text, LINE - 1);
    board.writes++;
    private_count++;
}

void peer_fill(char *to)
{
    memset(to, 'x', 4);
}

unsigned *peer_private(void) { return &private_count; }

#include <ia2.h>
#include <stdlib.h>
#include "parser.h"
#include "store.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static long state = 200;

int parser_feed(const char *text)
{
    int count = 0;
    while (*text) {
        char *end;
        long key = strtol(text, &end, 10);
        if (end == text)
            break;
        entry_t entry = { (int)key, (short)(key % 7), key / 4.0 };
        count += store_put(entry);
        state++;
        text = *end == ',' ? end + 1 : end;
    }
    return count;
}

long *parser_state(void) { return &state; }
long parser_read(const long *at) { return *at; }

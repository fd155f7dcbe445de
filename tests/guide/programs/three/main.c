#include <ia2.h>
#include <stdio.h>
#include <string.h>
#include "parser.h"
#include "store.h"
INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static long mine = 100;

int main(int argc, char **argv)
{
    /* A string constant is on disk and readable by all. */
    printf("fed %d\n", parser_feed("12,7,9000,41"));
    entry_t found = store_get(9000);
    printf("found %d %d %.1f of %u\n", found.key, found.flags, found.weight, store_size());
    found = store_get(5);
    printf("missing %d\n", found.key);
    fflush(stdout);
    if (argc > 1 && !strcmp(argv[1], "main-store"))
        printf("%ld\n", *store_total());
    if (argc > 1 && !strcmp(argv[1], "main-parser"))
        printf("%ld\n", *parser_state());
    if (argc > 1 && !strcmp(argv[1], "parser-main"))
        printf("%ld\n", parser_read(&mine));
    if (argc > 1 && !strcmp(argv[1], "parser-store"))
        printf("%ld\n", parser_read(store_total()));
    return 0;
}

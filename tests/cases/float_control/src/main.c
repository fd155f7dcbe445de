#include "parts.h"

#include <ia2.h>
#include <inttypes.h>
#include <stdio.h>

INIT_RUNTIME(5);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int calls;

void main_called(void) { calls++; }

int main(void)
{
    printf("nearest: %" PRIx64 "\n", third());
    printf("library: %" PRIx64 "\n", library_third());
    printf("direct: %" PRIx64 "\n", direct_third());
    printf("finder: %" PRIx64 "\n", finder_third());
    printf("looker: %s\n", looker_sees() ? "division by zero" : "nothing");
    printf("nearest: %" PRIx64 "\n", third());
    return calls != 4;
}

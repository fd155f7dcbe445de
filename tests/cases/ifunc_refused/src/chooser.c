#include <ia2.h>
#include "chooser.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int twice(int x) { return 2 * x; }
static int thrice(int x) { return 3 * x; }
/* Not known to the compiler, which would choose at once. */
static volatile int choice = 2;
static int (*resolve(void))(int) { return choice == 2 ? twice : thrice; }
static int chosen(int x) __attribute__((ifunc("resolve")));
int chooser_run(int x) { return chosen(x); }

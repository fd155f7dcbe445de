#include <ia2.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int middle_secret = 2;

static int middle_step(int x) { return x * middle_secret; }
int middle_work(int x) { return deep_work(x) + deep_apply(middle_step, x) + middle_secret; }
int middle_read(const int *p) { return *p; }

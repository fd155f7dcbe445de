#include <ia2.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int middle_secret = 2;

IA2_STATIC_FN(middle_step, _ZTSPFiiE, middle_c) static int middle_step(int x) { return x * middle_secret; } IA2_REGISTER_LOCAL(middle_step, 0x3d5f2d132cbaf296)
int middle_work(int x) { return deep_work(x) + deep_apply(IA2_FN(middle_step), x) + middle_secret; } IA2_REGISTER(middle_work, 0x3e720b68aacaeaa4)
int middle_read(const int *p) { return *p; } IA2_REGISTER(middle_read, 0xddc7a8351dae0ee4)
IA2_NEED(deep_apply)
IA2_NEED(deep_work)

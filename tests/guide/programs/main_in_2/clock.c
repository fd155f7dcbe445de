#include "ia2.h"
#include "clock.h"
#define IA2_COMPARTMENT 1
#include "ia2_compartment_init.inc"
static uint64_t now;
uint64_t clock_tick(uint8_t by) { return now += by; }
const uint64_t *clock_raw(void) { return &now; }
int clock_set(uint64_t *where, uint64_t value) { *where = value; return 0; }

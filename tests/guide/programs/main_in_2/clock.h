#pragma once
#include <stdint.h>
uint64_t clock_tick(uint8_t by);
const uint64_t *clock_raw(void);
int clock_set(uint64_t *where, uint64_t value);

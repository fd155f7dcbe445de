#ifndef BAR_H
#define BAR_H
#include <stdint.h>

double bar_mean(uint64_t total, unsigned count);
#endif

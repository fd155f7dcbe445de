#include "bar.h"

double bar_mean(uint64_t total, unsigned count)
{
    return count ? (double)total / count : 0;
}

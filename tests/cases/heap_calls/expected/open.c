#include "calls.h"

void open_start(void)
{
    print_targets(0);
} IA2_REGISTER(open_start, 0xdbffff7e698d40a6)

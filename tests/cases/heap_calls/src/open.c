#include "calls.h"

void open_start(void)
{
    print_targets(0);
}

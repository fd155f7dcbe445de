#include "sides.h"

int right_secret = 20;
__thread int right_count = 1;
static __thread char pages[5000];

int right_work(int *x)
{
    *x += 1;
    pages[*x] = 1;
    return right_count++;
}
int right_calls(void) { return right_count + pages[0]; }

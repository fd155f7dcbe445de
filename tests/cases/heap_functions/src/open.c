#include "uses.h"
#include <ia2.h>
#include "parts.h"

__attribute__((destructor)) static void end(void)
{
    printf("open: destructor %d\n", use_all());
    fflush(stdout);
}
int open_use(void)
{
    return use_all();
}

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
} IA2_REGISTER(open_use, 0xddd838e3ae00ffa5)
IA2_REGISTER_LOCAL(alphasort, 0x16d032da71b8edf5)

#include <ia2.h>
#include "parts.h"
#include <byteswap.h>
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>
#define WHO "main"
#include "body.h"
int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    sorting();
    lib_sorting();
    files();
    lib_files();
    loader();
    lib_loader();
    threads();
    lib_threads();
    streams();
    lib_streams();
    late();
    lib_late();
    printf("swapped %x\n", lib_swapped(__bswap_16, 0x1234));
    return 0;
}

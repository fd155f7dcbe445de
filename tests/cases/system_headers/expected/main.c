IA2_STATIC_FN(__bswap_16, _ZTSPFttE, _usr_include_x86_64_linux_gnu_bits_byteswap_h)
#line 1
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
    printf("swapped %x\n", lib_swapped(IA2_FN(__bswap_16), 0x1234));
    return 0;
}
IA2_NEED(lib_files)
IA2_NEED(lib_late)
IA2_NEED(lib_loader)
IA2_NEED(lib_sorting)
IA2_NEED(lib_streams)
IA2_NEED(lib_swapped)
IA2_NEED(lib_threads)
IA2_REGISTER_LOCAL(__bswap_16, 0xce78f1c473411d65)
IA2_REGISTER_LOCAL(alphasort, 0x16d032da71b8edf5)

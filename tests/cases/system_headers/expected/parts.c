IA2_STATIC_FN(__bswap_16, _ZTSPFttE, _usr_include_x86_64_linux_gnu_bits_byteswap_h)
#line 1
#include <ia2.h>
#include "parts.h"
#include <byteswap.h>
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
#define WHO "lib"
#include "body.h"
void lib_sorting(void) { sorting(); } IA2_REGISTER(lib_sorting, 0xe834b58e74f335ed)
void lib_files(void) { files(); } IA2_REGISTER(lib_files, 0x9a840a8cd308dc10)
void lib_threads(void) { threads(); } IA2_REGISTER(lib_threads, 0x5b6dba16c208bc2)
void lib_loader(void) { loader(); } IA2_REGISTER(lib_loader, 0xdb2fb7fe4e749958)
void lib_streams(void) { streams(); } IA2_REGISTER(lib_streams, 0x19afa898f4e19abf)
void lib_late(void) { late(); } IA2_REGISTER(lib_late, 0xbce09843db74979d)

/* A static function of a system header, which each compartment has its own of. */
static struct IA2_fnptr__ZTSPFttE own_swap = {IA2_FN_ADDR(__bswap_16)};
unsigned lib_swapped(struct IA2_fnptr__ZTSPFttE swap, unsigned short x)
{
    return IA2_CALL(swap, _ZTSPFttE)(x) * 0x10000u + IA2_CALL(own_swap, _ZTSPFttE)(IA2_CALL(own_swap, _ZTSPFttE)(x));
} IA2_REGISTER(lib_swapped, 0xa49367b47cecd30c)
IA2_REGISTER_LOCAL(__bswap_16, 0xce78f1c473411d65)
IA2_REGISTER_LOCAL(alphasort, 0x16d032da71b8edf5)

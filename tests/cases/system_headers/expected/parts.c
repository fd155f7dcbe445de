#include <ia2.h>
#include "parts.h"
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
IA2_REGISTER_LOCAL(alphasort, 0x16d032da71b8edf5)

#include <ia2.h>
#include "parts.h"
IA2_STATIC_FN(same_name, _ZTSPFiiE, more_c) static int same_name(int x) { return x * 7; } IA2_REGISTER_LOCAL(same_name, 0xa2c616db6502c176)
static struct IA2_fnptr__ZTSPFiiE const local = {IA2_FN_ADDR(same_name)};
int lib_second(void) { return IA2_CALL(local, _ZTSPFiiE)(2); } IA2_REGISTER(lib_second, 0xa7ca288bebbb1201)

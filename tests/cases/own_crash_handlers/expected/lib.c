#include <ia2.h>
#include <signal.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static volatile int seen;
static volatile long state;

IA2_STATIC_FN(on_signal, _ZTSPFviE, lib_c) static void on_signal(int number) { seen += number; } IA2_REGISTER_LOCAL(on_signal, 0xe6fb31d1ef70b236)
int lib_read(const int *p) { return *p; } IA2_REGISTER(lib_read, 0x82373179da3433bd)
void lib_install(int number) { signal(number, on_signal); } IA2_REGISTER(lib_install, 0x3a7b0587901e82f7)
int lib_seen(void) { return seen; } IA2_REGISTER(lib_seen, 0xca581fc8738c6e69)
void lib_raise(int number) { raise(number); } IA2_REGISTER(lib_raise, 0x57931e17a97949e7)
long lib_spin(long rounds)
{
    while (rounds-- > 0)
        state = state * 3 + rounds;
    return state;
} IA2_REGISTER(lib_spin, 0x6cc12014e82285d3)

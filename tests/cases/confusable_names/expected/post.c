#include <ia2.h>
#include <stdarg.h>
#include "post.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int send(int x) { return x; } IA2_REGISTER(send, 0xd7ce95d9195e4423)
int send_end(int x) { return x + 1; } IA2_REGISTER(send_end, 0xe5109a7a3a0e09b6)
int send_slow(int x) { return x + 2; } IA2_REGISTER(send_slow, 0x568f2b5d34e98a77)
int Lsend(int x) { return x + 3; } IA2_REGISTER(Lsend, 0x2b09c0781341b67a)

IA2_STATIC_FN(step, _ZTSPFiiE, post_c_2) static int step(int x) { return x + 10; } IA2_REGISTER_LOCAL(step, 0xce572f4e41e863b6)
post_step get_step(void) { return IA2_FN(step); } IA2_REGISTER(get_step, 0xf2d50ad5ceb325e8)
int post_c_step(int x) { return x + 11; } IA2_REGISTER(post_c_step, 0xa022966cb7671f0f)

int say(int count, ...)
{
    va_list list;
    int sum = 0;
    va_start(list, count);
    for (int i = 0; i < count; i++)
        sum += va_arg(list, int);
    va_end(list);
    return sum;
} IA2_REGISTER(say, 0x4c4217c081e05697)
int say_with_ii(int count) { return 10 * count; } IA2_REGISTER(say_with_ii, 0xc2f632eaf8bd4d82)

int rax(int x) { return x + 4; } IA2_REGISTER(rax, 0xebbcf9eb6f1381d)
int offset(int x) { return x + 5; } IA2_REGISTER(offset, 0x2c52a23fa01546df)
int gr\u00f6\u00dfe(int x) { return x + 6; } IA2_REGISTER(größe, 0xe6c40a4a3032e8ef)
int with$dollar(int x) { return x + 7; } IA2_REGISTER(with$dollar, 0x70603bb46e852a19)

#include <ia2.h>
#include <stdarg.h>
#include "post.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int send(int x) { return x; }
int send_end(int x) { return x + 1; }
int send_slow(int x) { return x + 2; }
int Lsend(int x) { return x + 3; }

static int step(int x) { return x + 10; }
post_step get_step(void) { return step; }
int post_c_step(int x) { return x + 11; }

int say(int count, ...)
{
    va_list list;
    int sum = 0;
    va_start(list, count);
    for (int i = 0; i < count; i++)
        sum += va_arg(list, int);
    va_end(list);
    return sum;
}
int say_with_ii(int count) { return 10 * count; }

int rax(int x) { return x + 4; }
int offset(int x) { return x + 5; }
int gr\u00f6\u00dfe(int x) { return x + 6; }
int with$dollar(int x) { return x + 7; }

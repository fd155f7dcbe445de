#include "post.h"

#include <ia2.h>
#include <stdio.h>

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

int main(void)
{
    post_step named = {IA2_FN_ADDR(post_c_step)};
    printf("send %d %d %d %d\n", send(1), send_end(1), send_slow(1), Lsend(1));
    printf("steps %d %d\n", IA2_CALL(get_step(), _ZTSPFiiE)(1), IA2_CALL(named, _ZTSPFiiE)(1));
    printf("boxes %d %d\n", IA2_CALL(get_box(), _ZTSPFiiE)(1), IA2_CALL(get_other_box(), _ZTSPFiiE)(1));
    printf("say %d %d\n", IA2_VARIADIC(say, ii)(2, 1, 2), say_with_ii(3));
    printf("others %d %d %d %d\n", rax(1), offset(1), gr\u00f6\u00dfe(1), with$dollar(1));
    return 0;
}
IA2_NEED(Lsend)
IA2_NEED(get_box)
IA2_NEED(get_other_box)
IA2_NEED(get_step)
IA2_NEED(größe)
IA2_NEED(offset)
IA2_NEED(post_c_step)
IA2_NEED(rax)
IA2_NEED(say)
IA2_NEED(say_with_ii)
IA2_NEED(send)
IA2_NEED(send_end)
IA2_NEED(send_slow)
IA2_NEED(with$dollar)

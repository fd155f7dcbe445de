#include "post.h"

#include <ia2.h>
#include <stdio.h>

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

int main(void)
{
    post_step named = post_c_step;
    printf("send %d %d %d %d\n", send(1), send_end(1), send_slow(1), Lsend(1));
    printf("steps %d %d\n", get_step()(1), named(1));
    printf("boxes %d %d\n", get_box()(1), get_other_box()(1));
    printf("say %d %d\n", say(2, 1, 2), say_with_ii(3));
    printf("others %d %d %d %d\n", rax(1), offset(1), gr\u00f6\u00dfe(1), with$dollar(1));
    return 0;
}

#include "post.h"
IA2_STATIC_FN(box, _ZTSPFiiE, post_box_c_2) static int box(int x) { return x + 21; } IA2_REGISTER_LOCAL(box, 0xc3d9881a59377cc3)
post_step get_other_box(void) { return IA2_FN(box); } IA2_REGISTER(get_other_box, 0x5a5409f2d457a994)

#include "post.h"
IA2_STATIC_FN(box, _ZTSPFiiE, post_box_c) static int box(int x) { return x + 20; } IA2_REGISTER_LOCAL(box, 0x21567993422004b)
post_step get_box(void) { return IA2_FN(box); } IA2_REGISTER(get_box, 0xfa9a7e0127638eb8)

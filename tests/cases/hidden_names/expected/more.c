#include <ia2.h>
#include "private.h"
static int added = 100;
int helper(int x) { return x + added; } IA2_REGISTER_LOCAL(helper, 0xf2f2a8d29f0bd90f)
int internal(int x) { return x - added; } IA2_REGISTER(internal, 0x8faeb364b6cdd863)
int labelled(int x) { return x * added; } IA2_REGISTER_LOCAL(labelled, 0xcf341baed25a1a5b)
int unexported(int x) { return x / 2 + added; } IA2_REGISTER_LABELLED(unexported, 0x5929658f31df7f21, "other_name")
IA2_STATIC_FN(label, _ZTSPFiiE, more_c) static int label(int x) { return x ^ added; } IA2_REGISTER_LOCAL(label, 0xeb1c152e17d47faa)
callback table[3] = { {IA2_FN_ADDR(helper)}, {IA2_FN_ADDR(label)}, {IA2_FN_ADDR(unexported)} };
callback lib_statics(int which) { return which ? IA2_FN(label) : IA2_FN(labelled); } IA2_REGISTER(lib_statics, 0xeab648e502c86259)

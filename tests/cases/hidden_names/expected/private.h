#include "lib.h"
/* Of the library alone: hidden by an attribute, or only by the version script. */
HIDDEN int helper(int x);
int internal(int x);
HIDDEN int labelled(int x) __asm__("lib_labelled");
int unexported(int x) __asm__("other_name");
extern callback table[3];

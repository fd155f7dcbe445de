#include <ia2.h>
#include "numbers.h"

int text_calls;
/* One for all of them. */
IA2_SHARED_DATA int all_text_calls;
static const char *const names[] = { "zero", "one", "two" };

static int limited(int n) { return n < 0 ? 0 : n > 2 ? 2 : n; }

const char *text_of(int n)
{
    text_calls++;
    all_text_calls++;
    return names[limited(n)];
}

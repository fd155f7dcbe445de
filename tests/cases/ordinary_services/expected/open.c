#define _GNU_SOURCE
#include <ia2.h>
#include "use.h"
#include "parts.h"

int open_flush(void) { return check_streams(); } IA2_REGISTER(open_flush, 0x79a4a95f7410f635)
int open_use(void) { return use_everything("open"); } IA2_REGISTER(open_use, 0xddd838e3ae00ffa5)

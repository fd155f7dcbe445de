#define _GNU_SOURCE
#include <ia2.h>
#include "use.h"
#include "parts.h"

int open_flush(void) { return check_streams(); }
int open_use(void) { return use_everything("open"); }

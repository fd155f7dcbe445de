#include <ia2.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>
#define WHO "lib"
#include "body.h"
void lib_sorting(void) { sorting(); }
void lib_files(void) { files(); }
void lib_threads(void) { threads(); }
void lib_loader(void) { loader(); }
void lib_streams(void) { streams(); }
void lib_late(void) { late(); }

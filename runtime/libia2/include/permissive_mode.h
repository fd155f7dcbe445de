/*
 * permissive_mode.h - lets a compartmentalized program go on after a violation.
 *
 * Include this in one source file of the program. What a compartment must not touch is then logged
 * on standard error, with the function and the variable, and the access is made as in the plain
 * program; when the program ends, a summary groups the violations by site and says what to share.
 * IA2_PERMISSIVE_JSON=FILE in the environment writes it as JSON besides (%p: the process id).
 *
 * It is for finding out what a program shares. Nothing is protected meanwhile.
 */
#ifndef IA2_PERMISSIVE_MODE_H
#define IA2_PERMISSIVE_MODE_H

#include <ia2.h>

#if IA2_COMPARTMENTS && !defined(__ASSEMBLER__)
/* Tells the runtime (crates/layout, dso_note). */
IA2_NOTE("4", "ia2_permissive", "");
#endif

#endif

#ifndef LIB_H
#define LIB_H
typedef struct IA2_fnptr__ZTSPFiiE visit;
int lib_visit(visit f, int x);
/* Each program defines it. */
int program_answer(int x);
#endif

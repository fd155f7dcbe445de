#ifndef SOUNDS_H
#define SOUNDS_H

#include "shapes.h"

int sounds_count(int n);
struct IA2_fnptr__ZTSPFiiE sounds_step(void);

#endif

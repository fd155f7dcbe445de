#ifndef SOUNDS_H
#define SOUNDS_H

#include "shapes.h"

int sounds_count(int n);
step *sounds_step(void);

#endif

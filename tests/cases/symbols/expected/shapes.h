#ifndef SHAPES_H
#define SHAPES_H

/* For the linker, it has another name. */
int area(int width, int height) __asm__("shapes_area_v2");
/* The same by a third name. */
int surface(int width, int height);
/* May be replaced. */
int perimeter(int width, int height);
/* Calls a function that only its own shared object sees; sounds.h has one of the same name. */
int shapes_count(int n);
/* Calls a static function through a pointer; sounds.c has one of the same name. */
typedef int step(int n);
struct IA2_fnptr__ZTSPFiiE shapes_step(void);

#endif

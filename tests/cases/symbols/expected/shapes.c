#include "shapes.h"

#include <ia2.h>
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int count(int n);

int area(int width, int height)
{
    return width * height;
} IA2_REGISTER_LABELLED(area, 0xeb9c5b8c66b0641d, "shapes_area_v2")

int surface(int width, int height) __attribute__((alias("shapes_area_v2")));

__attribute__((weak)) int perimeter(int width, int height)
{
    return width + height + 2;
} IA2_REGISTER(perimeter, 0xa2949ad88556aebd)

IA2_STATIC_FN(next, _ZTSPFiiE, shapes_c) static int next(int n)
{
    return n + 1;
} IA2_REGISTER_LOCAL(next, 0xc40b93278cfa33f0)

struct IA2_fnptr__ZTSPFiiE shapes_step(void)
{
    return IA2_FN(next);
} IA2_REGISTER(shapes_step, 0x4ccc6600365c748c)

int shapes_count(int n)
{
    return count(n);
} IA2_REGISTER(shapes_count, 0xb0ca1a67750b4e0a)
IA2_REGISTER_LOCAL(surface, 0xd74de68b78e9f97b)

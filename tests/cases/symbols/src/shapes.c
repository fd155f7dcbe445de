#include "shapes.h"

#include <ia2.h>
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int count(int n);

int area(int width, int height)
{
    return width * height;
}

int surface(int width, int height) __attribute__((alias("shapes_area_v2")));

__attribute__((weak)) int perimeter(int width, int height)
{
    return width + height + 2;
}

static int next(int n)
{
    return n + 1;
}

step *shapes_step(void)
{
    return next;
}

int shapes_count(int n)
{
    return count(n);
}

#ifndef PLUGIN_H
#define PLUGIN_H

/* What every plugin defines, each under this name. */
typedef int plugin_run(int value);

/* So that the linker keeps the plugins. */
int first_plugin(void);
int second_plugin(void);

/* What abs() of the C library is for the second one. */
void *second_abs(void);

struct pair {
    double low, high;
};

#endif

#ifndef DEEP_H
#define DEEP_H

/* Called at the bottom, with a large record both ways. */
struct state {
    long words[20];
};
typedef struct IA2_fnptr__ZTSPF5stateS_iE bottom_fn;
typedef int (*compare_fn)(const void *, const void *);

/* Goes down: each calls the other with one less, at last the callback. */
struct state first_down(bottom_fn bottom, struct state state, int depth, int how);
struct state second_down(bottom_fn bottom, struct state state, int depth, int how);
/* How often their cleanup handlers have run. */
int first_cleaned(void);
int second_cleaned(void);
/* Sorts with a comparison of its own, in which it goes down and up. */
long second_sort(bottom_fn bottom, int *numbers, int count);

#endif

/*
 * runtime.h - what the generated sources share with runtime.c.
 */
#ifndef TEST_RUNTIME_H
#define TEST_RUNTIME_H

/* Where the random values of the call that is being made start, and which kind of call it is. */
extern __thread unsigned long long test_seed;
extern __thread int test_shape;
/* How many functions have called others. */
extern __thread int test_depth;

/* Called at the start of each function and after each call: are the rights those of the compartment? */
void test_entered(int compartment, int function);
void test_returned(int compartment, int function);

/*
 * test_mark leaves a mark in every vector, mask and MMX register; a gate must let none through.
 * Callers leave it before calls through gates, callees before they return. test_unmarked, called
 * behind such a call, looks for the callee's, and test_entered for the caller's.
 */
void test_mark(int crosses);
void test_unmarked(int compartment, int function);

/* Says which argument (-1: the result) of which function is wrong, and ends the program. */
void test_failed(int function, int argument, const void *value, const void *expected,
                 unsigned long size);

/* For who has a main() of his own: starts, in each thread, and runs a function in a compartment. */
void test_start(void);
void test_start_thread(void);
void test_run(int compartment, void (*body)(void *), void *argument);
/* The kind of CPU (layout.h). */
int test_cpu(void);

#endif

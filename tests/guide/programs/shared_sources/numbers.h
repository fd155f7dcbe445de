#ifndef NUMBERS_H
#define NUMBERS_H

/* Libraries that call each other. */
int is_even(int n);
int is_odd(int n);
const char *even_name(void);
const char *odd_name(void);

/* The executable's, called by the libraries, from constructors too. */
int log_line(const char *text);
int log_lines(void);

/* In each of them. */
const char *text_of(int n);
extern int text_calls, all_text_calls;
#endif

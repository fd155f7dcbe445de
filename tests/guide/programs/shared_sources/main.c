#include <ia2.h>
#include <stdio.h>
#include <string.h>
#include "numbers.h"
INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int lines;

int log_line(const char *text)
{
    printf("%s\n", text);
    return ++lines;
}

int log_lines(void) { return lines; }

int main(void)
{
    printf("%d %d\n", is_even(4), is_odd(4));
    printf("%s; %s; %s\n", even_name(), odd_name(), text_of(2));
    printf("%d texts\n", all_text_calls);
    return log_lines();
}

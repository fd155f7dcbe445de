#ifndef PARTS_H
#define PARTS_H

struct record {
    long words[6];
};

/* Compartment 2. */
int bank_relay(int what);
int bank_ask(void);

/* Compartment 3. */
int spy_remember(int number);
int spy_return(int what);
int spy_called_back(int number);
void spy_ruin(void);
struct record spy_record(unsigned long *target);
int spy_move_stack(unsigned long target);

/* Set while compartment 2 has not returned to compartment 1. */
#define IN_BANK BOARD->scratch[0]

enum { SKIP_MIDDLE, IDLE_VICTIM, OWN_STACK };

#endif

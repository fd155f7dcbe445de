#ifndef PARTS_H
#define PARTS_H

/* Compartment 2, the attacker. */
void thief_install(void);
void thief_scan_alternate(void);
void thief_hammer(void);
void thief_raw_handler(void);
void thief_deliver(unsigned long target);
void thief_deliver_with_fake_block(unsigned long stack, unsigned long target);
void thief_deliver_growing(unsigned long stack, int signal);
int thief_handled(void);
void thief_single_steps(void);

/* Compartment 1: has its secret in a register for a while. */
void main_work(void);

/* On key 0: forged frames, a fake thread block. */
#define FORGED 0x200000500000UL
#define FORGED_SIZE 0x100000UL
/* Told by main: the alternate stack of the first thread. */
#define ALTERNATE BOARD->scratch[0]
#define ALTERNATE_SIZE BOARD->scratch[1]
#define STOP BOARD->scratch[2]

#endif

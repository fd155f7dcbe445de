#ifndef PARTS_H
#define PARTS_H

/* Compartment 2: a function that anybody may call, and one that takes a while. */
int bank_public(int number);
int bank_work(volatile unsigned long *state);

/* Compartment 3, the intruder; compartment 1 calls these. */
int intrude_fake_return(void);
int intrude_fake_call(void);
int intrude_as(unsigned long thread_pointer, int slowly);
int intrude_wait(volatile unsigned long *state);
int intrude_honestly(int number);

/* A fake thread block and a fake stack on key 0: the middle of this memory. */
#define FAKE 0x200000100000UL
#define FAKE_SIZE 0x100000UL

/* What a thread that runs bank_work is told, and tells. */
enum { IDLE, WORKING, DONE, STOP };
#define STATE BOARD->scratch[0]
#define OTHER_STATE BOARD->scratch[1]
#define THREAD_POINTER BOARD->scratch[2]
/* Size of bank_work's array on its stack. */
#define WORDS 512

#endif

#ifndef PARTS_H
#define PARTS_H

/* What must not run because the intruder asks the runtime for it. */
enum { MAIN, CONSTRUCTOR, START_ROUTINE };

int bank_work(int rounds);
void intrude(int hook, int how);
int intrude_honest(int number);

#define FAKE 0x200000500000UL
#define FAKE_SIZE 0x100000UL
#define DESTRUCTORS BOARD->scratch[0]

#endif

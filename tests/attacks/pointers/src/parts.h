#ifndef PARTS_H
#define PARTS_H

typedef int (*event_fn)(int);
typedef long (*other_fn)(long, long);

/* On key 0, so the intruder can change it at any time. */
struct box {
    event_fn event;
    other_fn other;
};

/* Compartment 1: never to be called by 2, nor by 3. */
int main_event(int number);

/* Compartment 2: calls what it is given. */
int bank_look_up(void);
unsigned long bank_magnitude(void);
long bank_call_other(struct box *box);
unsigned long spy_look_up(void);
int bank_call(struct box *box, int number);
void bank_offer(struct box *box);
unsigned long bank_private(void);
unsigned long bank_private_number(void);

/* Compartment 3. */
void spy_forge(struct box *box, unsigned long address);
void spy_forge_other(struct box *box, unsigned long address);
void spy_flip(struct box *box, unsigned long address);
int spy_honest(struct box *box);
event_fn spy_event(void);

enum { PRIVATE, OPEN_SAFE };

#endif

#ifndef PARTS_H
#define PARTS_H

/* Functions of victims that the intruder must never run, by their number on the board. */
enum {
    OPEN_SAFE,     /* 1, called by 2 */
    ON_EVENT,      /* 1, a callback that 2 calls */
    BANK_ADD,      /* 2, called by 1 */
    BANK_TABLE,    /* 2, called by 1: arguments and result in memory */
    BANK_MEAN,     /* 2, called by 1: floating point */
    CONSTRUCTOR,
};

struct table {
    long cells[12];
};
typedef int (*event_fn)(int);

/* Compartment 1. */
int open_safe(int number);
void main_log(int number);

/* Compartment 2. */
int bank_add(int a, int b);
struct table bank_table(long a, long b, long c, long d, long e, long f, long g, struct table h);
double bank_mean(double a, double b);
int bank_relay(int depth, unsigned long target, unsigned seed);
int bank_notify(event_fn fn, int number);
int bank_public(int number);
unsigned char *bank_canary(void);
int bank_canary_changed(void);

/* Compartment 3, the intruder. */
int intrude(unsigned long target, unsigned seed);
void intrude_ready(void);
int intrude_back(int number);

/* Memory on key 0 for the intruder's fake stacks and structures. */
#define FAKE 0x200000100000UL
#define FAKE_SIZE 0x40000UL
/* Where the intruder's code writes the registers it finds when control comes back to it. */
#define LANDING 0x200000200000UL
struct landing {
    unsigned long registers[16];
    unsigned long pkru;
    unsigned long count;
};

/* Set while compartment 2 has not returned to 1. */
#define IN_BANK BOARD->scratch[0]
/* Stack pointers of 1 and 2, for the intruder's registers. */
#define STACK_OF_1 BOARD->scratch[1]
#define STACK_OF_2 BOARD->scratch[2]

#endif

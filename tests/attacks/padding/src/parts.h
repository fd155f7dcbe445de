#ifndef PARTS_H
#define PARTS_H

/* Structs with padding, which keeps what was in memory before. */
struct in_registers {
    char a;
    int c;
    long b;
};
struct in_memory {
    char a;
    long b;
    char c;
    long d;
    char e;
};
struct mixed {
    char a;
    int c;
    double b;
};

/* Compartment 2. */
void bank_ready(void);
void *bank_secret(void);
struct in_memory bank_memory(void);
struct in_registers bank_registers(void);

/* Compartment 3. */
void spy_registers(struct in_registers value);
void spy_memory(struct in_memory value);
void spy_mixed(struct mixed value);
void spy_int(int value);
void spy_result(int what);
int spy_honest(struct in_registers a, struct in_memory b, unsigned char c);

#endif

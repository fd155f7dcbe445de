#ifndef PARTS_H
#define PARTS_H

/* Compartment 2 offers these to anybody. */
void bank_fill(unsigned char *to, int size);
unsigned char bank_byte(const unsigned char *from);
unsigned char *bank_page(void);

/* Compartment 3. */
void spy_write_by_bank(unsigned char *target);
void spy_read_by_bank(const unsigned char *target);
int spy_honest(void);

#endif

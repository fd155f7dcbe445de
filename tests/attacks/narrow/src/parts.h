#ifndef PARTS_H
#define PARTS_H

void bank_ready(void);
void *bank_secret(void);
int bank_pick(unsigned char index);
int bank_pick_signed(signed char index);
int bank_pick_flag(_Bool flag);

void spy_picks(int what);
int spy_honest(unsigned char index);

#endif

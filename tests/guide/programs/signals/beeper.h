#ifndef BEEPER_H
#define BEEPER_H
void beeper_start(void);
int beeper_beeps(void);
void beeper_raise(int number);
void beeper_aim(volatile int *at);
#endif

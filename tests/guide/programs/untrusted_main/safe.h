#ifndef SAFE_H
#define SAFE_H
struct safe;
struct safe *safe_open(int pin);
int safe_take(struct safe *safe, int pin);
void safe_close(struct safe *safe);
extern void (*safe_on_wrong_pin)(int tries);
void safe_watch(void (*watcher)(int tries));
#endif

int store_put(int slot, int value);
int store_check(unsigned seed);
int store_raise(int signal);
void store_poke(int *p);
int store_sum(void);

int clock_start(int *poked);
int clock_wait(int ticks);

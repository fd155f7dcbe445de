int deep_step(int *p, int x, int touch);
int deep_wait(int signal);

void ender_exit(int status);
void ender_call(void (*f)(int), int x);

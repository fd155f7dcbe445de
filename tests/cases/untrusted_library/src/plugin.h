int plugin_sum(int n, int (*next)(int));
void plugin_set(int *p, int value);
int host_level(void);

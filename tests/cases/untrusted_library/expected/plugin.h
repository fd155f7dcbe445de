int plugin_sum(int n, struct IA2_fnptr__ZTSPFiiE next);
void plugin_set(int *p, int value);
int host_level(void);

extern int five_secret;
int *five_address(void);
int five_call(struct IA2_fnptr__ZTSPFiiE f, int x);

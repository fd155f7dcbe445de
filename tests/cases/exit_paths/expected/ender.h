void ender_exit(int status);
void ender_call(struct IA2_fnptr__ZTSPFviE f, int x);

int walk_all(int levels, struct IA2_fnptr__ZTSPFiPiiE step, int *sum);
void walk_touch(int *p);

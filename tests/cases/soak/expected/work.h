typedef struct IA2_fnptr__ZTSPFiiE work_step;
int work_deep(int levels, work_step step, int x);
int work_jump(int x, work_step step);
int work_shuffle(unsigned seed);
int work_thread(int x);

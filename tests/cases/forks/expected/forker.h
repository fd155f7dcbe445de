int forker_fork(void);
void forker_prepare(void);
int forker_work(int x);
void forker_poke(int *p);
